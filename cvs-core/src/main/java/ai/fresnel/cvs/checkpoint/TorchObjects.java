package ai.fresnel.cvs.checkpoint;

import ai.fresnel.cvs.json.Json;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds the objects that a pickle of {@code torch.save} may name and call: tensors that locate
 * their values. It refuses everything else by name, or, in the checkpoint of a training framework,
 * keeps a {@link Placeholder} for it.
 *
 * <p>Current files rebuild tensors with {@code _rebuild_tensor_v2}. Files of torch 0.1 to 0.3 use
 * {@code _rebuild_tensor}, or set the state of an empty tensor, and wrap tensors in Parameters.
 */
final class TorchObjects {

  /** What a file may hold. */
  enum Policy {
    /** A state dictionary alone. */
    STATE_DICTIONARY,

    /** One among the other objects of a training run, which are left aside. */
    TRAINING
  }

  /** The functions that may be called. */
  private enum Function {
    ORDERED_DICT,
    REBUILD_TENSOR,
    REBUILD_TENSOR_V2,
    PARAMETER,
    TENSOR
  }

  /**
   * Limit of the work for all pickles of a file: more than the names and shapes of any state
   * dictionary need. A pickle can ask for more than its size, by calling for one list many times.
   */
  private static final int MAX_WORK = 1 << 21;

  private static final Map<String, Object> GLOBALS = globals();

  /** The entry of a training run's checkpoint that has the weights. */
  private static final String STATE = "state_dict";

  private final String file;
  private final Policy policy;
  private final Map<String, Storage> storages = new LinkedHashMap<>();
  private int work = MAX_WORK;

  /**
   * @param file names the file in messages
   * @param policy what it may hold
   */
  TorchObjects(String file, Policy policy) {
    this.file = file;
    this.policy = policy;
  }

  private static Map<String, Object> globals() {
    Map<String, Object> globals = new HashMap<>();
    globals.put("collections.OrderedDict", Function.ORDERED_DICT);
    globals.put("torch._utils._rebuild_tensor", Function.REBUILD_TENSOR);
    globals.put("torch._utils._rebuild_tensor_v2", Function.REBUILD_TENSOR_V2);
    globals.put("torch._utils._rebuild_parameter", Function.PARAMETER);
    globals.put("torch.nn.parameter.Parameter", Function.PARAMETER);
    for (StorageType type : StorageType.values()) {
      globals.put("torch." + type.prefix + "Storage", type);
      globals.put("torch." + type.prefix + "Tensor", Function.TENSOR);
    }
    return globals;
  }

  /** Makes the exception for a wrong file. */
  ModelFormatException damaged(String what) {
    return new ModelFormatException(file + ": " + what);
  }

  /** Takes from the budget of work: one for each instruction and each object that is copied. */
  void spend(int units) throws ModelFormatException {
    if (units > work) {
      throw damaged(
          "a pickle of more than " + MAX_WORK + " steps: no state dictionary needs so many");
    }
    work -= units;
  }

  /** Returns all complete storages that were named so far, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  Object global(String name) throws ModelFormatException {
    Object known = GLOBALS.get(name);
    if (known == null && policy == Policy.TRAINING) {
      return new Placeholder(name);
    }
    if (known == null) {
      throw damaged(
          "names "
              + Json.quote(name)
              + ", which no state dictionary needs; it was not run or loaded");
    }
    return known;
  }

  Object call(Object function, Object arguments) throws ModelFormatException {
    if (function instanceof Placeholder unknown) {
      if (!unknown.isMaker()) {
        throw damaged(
            "calls " + Json.quote(unknown.name()) + ", which no checkpoint needs; it was not run");
      }
      return unknown;
    }
    if (!(function instanceof Function known) || !(arguments instanceof Object[] values)) {
      throw damaged("a pickle calls " + describe(function));
    }
    return switch (known) {
      case ORDERED_DICT -> dictionary(values);
      case REBUILD_TENSOR -> rebuild(values, 4, 4);
      case REBUILD_TENSOR_V2 -> rebuild(values, 6, 7);
      case PARAMETER -> {
        if (values.length == 0 || !(values[0] instanceof StoredTensor)) {
          throw damaged("a Parameter of no tensor");
        }
        yield values[0];
      }
      case TENSOR -> {
        if (values.length > 0) {
          throw damaged("a tensor made of " + describe(values[0]));
        }
        yield new StoredTensor();
      }
    };
  }

  private StoredTensor rebuild(Object[] values, int least, int most) throws ModelFormatException {
    // The seventh value marks tensors whose values are to be negated or conjugated.
    boolean plain =
        values.length < 7
            || values[6] == null
            || (values[6] instanceof Map<?, ?> marks && marks.isEmpty());
    if (values.length < least || values.length > most || !plain) {
      throw damaged("a tensor is rebuilt from " + values.length + " values of an unknown kind");
    }
    StoredTensor tensor = new StoredTensor();
    tensor.set(this, values);
    return tensor;
  }

  private Map<Object, Object> dictionary(Object[] values) throws ModelFormatException {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (values.length > 0) {
      if (values.length > 1 || !(values[0] instanceof List<?> pairs)) {
        throw damaged("a dictionary made of " + describe(values[0]) + ", expected a list of pairs");
      }
      spend(pairs.size());
      for (Object pair : pairs) {
        put(map, pair instanceof List<?> list ? list.toArray() : pair);
      }
    }
    return map;
  }

  /** Adds a pair of key and value to a dictionary. */
  @SuppressWarnings("unchecked") // Keys of dictionaries are made in this class.
  void put(Object map, Object pair) throws ModelFormatException {
    boolean holds = pair instanceof Object[] item && item.length == 2;
    Object key = holds ? ((Object[]) pair)[0] : null;
    if (holds && !(key instanceof String || key instanceof Long) && policy == Policy.TRAINING) {
      // Lightning's keys are classes, too. The hash of a list or a tuple might not end.
      key = key instanceof Placeholder ? key : new Placeholder(describe(key));
    } else if (!(key instanceof String || key instanceof Long)) {
      throw damaged("an item of a dictionary has no string or number for a key");
    }
    ((Map<Object, Object>) map).put(key, ((Object[]) pair)[1]);
  }

  /** Sets an object's state: the old way to fill a tensor. Hooks and versions are ignored. */
  void build(Object target, Object state) throws ModelFormatException {
    if (target instanceof StoredTensor tensor && state instanceof Object[] values) {
      if (values.length == 4) {
        tensor.set(this, values);
        return;
      }
      // A Parameter's state: whether it requires a gradient, whether it is volatile, its hooks.
      if (values.length == 3 && values[0] instanceof Boolean && values[1] instanceof Boolean) {
        return;
      }
    }
    if (!(target instanceof Map && state instanceof Map) && !(target instanceof Placeholder)) {
      throw damaged("a pickle sets the state of " + describe(target));
    }
  }

  /** Returns the storage, or the part of one, that a persistent id names. */
  Object persistent(Object id) throws ModelFormatException {
    if (!(id instanceof Object[] values)
        || values.length < 5
        || !"storage".equals(values[0])
        || !(values[1] instanceof StorageType type)
        || !(values[2] instanceof String key)
        || !(values[4] instanceof Long count)
        || count < 0
        || count > Long.MAX_VALUE / type.bytes) {
      throw damaged("a persistent id of no storage");
    }
    Storage whole = new Storage(type, key, 0, count);
    Storage before = storages.putIfAbsent(key, whole);
    if (before != null && !before.equals(whole)) {
      throw damaged("storage " + Json.quote(key) + " is there with two types or sizes");
    }
    if (values.length == 5 || values[5] == null) {
      return whole;
    }
    if (!(values[5] instanceof Object[] view)
        || view.length != 3
        || !(view[1] instanceof Long start)
        || !(view[2] instanceof Long size)
        || start < 0
        || size < 0
        || start > count - size) {
      throw damaged("a part of storage " + Json.quote(key) + " reaches beyond it");
    }
    return new Storage(type, key, start, size);
  }

  /** Returns the tensors of a file's object. */
  Map<String, StoredTensor> stateDictionary(Object whole) throws ModelFormatException {
    Object object =
        policy == Policy.TRAINING && whole instanceof Map<?, ?> run && run.containsKey(STATE)
            ? run.get(STATE)
            : whole;
    if (!(object instanceof Map<?, ?> map)) {
      throw damaged("holds " + describe(object) + ", expected a state dictionary");
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<?, ?> item : map.entrySet()) {
      String name = String.valueOf(item.getKey());
      if (!(item.getValue() instanceof StoredTensor tensor)) {
        throw damaged(
            "entry %s is %s, expected a tensor: not a state dictionary alone"
                .formatted(Json.quote(name), describe(item.getValue())));
      }
      if (tensor.storage() == null) {
        throw damaged("tensor " + Json.quote(name) + " has no values");
      }
      tensors.put(name, tensor);
    }
    return tensors;
  }

  /** Describes an object without its content, which may contain itself. */
  private static String describe(Object object) {
    if (object == null) {
      return "None";
    }
    if (object instanceof Object[]) {
      return "a tuple";
    }
    if (object instanceof List) {
      return "a list";
    }
    if (object instanceof Map) {
      return "a dictionary";
    }
    if (object instanceof String) {
      return "a string";
    }
    if (object instanceof Number || object instanceof Boolean) {
      return "a number";
    }
    if (object instanceof Placeholder placeholder) {
      return Json.quote(placeholder.name());
    }
    return object instanceof StoredTensor ? "a tensor" : "a class or function";
  }
}
