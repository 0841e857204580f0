package ai.fresnel.cvs.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.fresnel.cvs.block.Lora;
import ai.fresnel.cvs.block.LoraConfig;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** The modules of a file of an adapter, from the names and shapes of its tensors. */
final class LoraTensors {

  /** diffusers' key of the settings among a file's strings. */
  private static final String METADATA = "lora_adapter_metadata";

  private static final int SHOWN = 10;

  private final String file;
  private final Safetensors tensors;
  private final Map<String, Module> modules = new LinkedHashMap<>();
  private final OptionalDouble commonAlpha;

  /** One adapted product as the file has it. */
  final class Module {
    private final String key;
    private final Map<LoraNames.Part, String> names = new EnumMap<>(LoraNames.Part.class);
    private OptionalDouble alpha = OptionalDouble.empty();

    private Module(String key) {
      this.key = key;
    }

    /** The tensor's name in the file. */
    String tensor(LoraNames.Part part) {
      return names.get(part);
    }

    private Shape shape(LoraNames.Part part) {
      return tensors.shape(tensor(part));
    }

    private LoraConfig config() throws ModelFormatException {
      long rank = shape(LoraNames.Part.DOWN).get(0);
      double scaled = alpha.orElse(commonAlpha.orElse((double) rank));
      try {
        return new LoraConfig((int) Math.min(rank, Integer.MAX_VALUE), scaled);
      } catch (IllegalArgumentException e) {
        throw new ModelFormatException(file + ": " + key + ": " + e.getMessage(), e);
      }
    }
  }

  private LoraTensors(String file, Safetensors tensors, OptionalDouble commonAlpha) {
    this.file = file;
    this.tensors = tensors;
    this.commonAlpha = commonAlpha;
  }

  /**
   * Sorts a file's tensors.
   *
   * @param alpha alpha where the file does not say it
   */
  static LoraTensors read(String file, Safetensors tensors, OptionalDouble alpha)
      throws IOException {
    OptionalDouble stated = alphaOf(file, tensors.metadata().get(METADATA));
    LoraTensors sorted = new LoraTensors(file, tensors, stated.isPresent() ? stated : alpha);
    List<String> strange = new ArrayList<>();
    for (String name : tensors.names()) {
      Optional<LoraNames.Tensor> parsed = LoraNames.parse(name);
      if (parsed.isEmpty()) {
        strange.add(Json.quote(name));
        continue;
      }
      String key = parsed.get().module();
      Module module = sorted.modules.computeIfAbsent(key, k -> sorted.new Module(k));
      String twin = module.names.putIfAbsent(parsed.get().part(), name);
      if (twin != null) {
        throw new ModelFormatException(
            file + ": tensors " + Json.quote(twin) + " and " + Json.quote(name) + " are the same");
      }
    }
    sorted.refuse("unexpected", strange, "expected lora_A and lora_B, or lora_down and lora_up");
    List<String> halves = new ArrayList<>();
    for (Module module : sorted.modules.values()) {
      if (!module.names.keySet().containsAll(Set.of(LoraNames.Part.DOWN, LoraNames.Part.UP))) {
        halves.add(Json.quote(module.key));
      } else if (module.names.containsKey(LoraNames.Part.ALPHA)) {
        module.alpha = OptionalDouble.of(sorted.number(module.tensor(LoraNames.Part.ALPHA)));
      }
    }
    sorted.refuse("incomplete", halves, "expected both products of each");
    if (sorted.modules.isEmpty()) {
      throw new ModelFormatException(file + ": no tensors, expected those of an adapter");
    }
    return sorted;
  }

  private double number(String name) throws IOException {
    if (tensors.shape(name).size() != 1) {
      throw new ModelFormatException(
          file
              + ": tensor "
              + Json.quote(name)
              + " has shape "
              + tensors.shape(name)
              + ", expected one number");
    }
    try (NDManager manager = NDManager.newBaseManager();
        NDArray value = tensors.read(manager, name)) {
      return value.toType(DataType.FLOAT64, false).toDoubleArray()[0];
    }
  }

  /** Reads a tensor as float32. */
  NDArray value(NDManager manager, String name) throws IOException {
    NDArray value = tensors.read(manager, name).toType(DataType.FLOAT32, false);
    if (!Weights.isFinite(value)) {
      throw new ModelFormatException(
          file + ": tensor " + Json.quote(name) + " has values that are not finite");
    }
    return value;
  }

  private void refuse(String what, List<String> names, String expected)
      throws ModelFormatException {
    if (names.isEmpty()) {
      return;
    }
    String shown = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
    throw new ModelFormatException(
        file + ": " + names.size() + " " + what + ": " + shown + more + "; " + expected);
  }

  /**
   * Finds the products of the file's modules.
   *
   * @return path of each product to its modules in order; empty for a part of a stack that has none
   * @throws ModelFormatException if the network has no such module, or of another shape
   */
  Map<String, List<Optional<Module>>> match(Block network, LoraModules names)
      throws ModelFormatException {
    Map<String, List<Optional<Module>>> found = new LinkedHashMap<>();
    Set<String> left = new LinkedHashSet<>(modules.keySet());
    List<String> differing = new ArrayList<>();
    Lora.products(network)
        .forEach(
            (path, product) -> {
              List<Optional<Module>> parts = new ArrayList<>();
              for (String name : names.of(path, product)) {
                String key = LoraNames.key(name);
                Optional<Module> module = Optional.ofNullable(modules.get(key));
                left.remove(key);
                module.ifPresent(its -> differing.addAll(differences(its, product)));
                parts.add(module);
              }
              if (parts.stream().anyMatch(Optional::isPresent)) {
                found.put(path, parts);
              }
            });
    refuse("surplus", left.stream().map(Json::quote).toList(), "the network has no such product");
    refuse("of another shape", differing, "the network is of another size");
    return found;
  }

  private List<String> differences(Module module, Product product) {
    Shape down = module.shape(LoraNames.Part.DOWN);
    Shape up = module.shape(LoraNames.Part.UP);
    Shape weight = product.weight();
    long rank = down.dimension() == 0 ? 0 : down.get(0);
    List<String> found = new ArrayList<>();
    Shape wantedDown = new Shape(rank).addAll(weight.slice(1));
    Shape wantedUp = new Shape(weight.get(0) / product.parts(), rank);
    if (!same(down, wantedDown)) {
      found.add(Json.quote(module.tensor(LoraNames.Part.DOWN)) + " " + down + " for " + wantedDown);
    }
    if (!same(up, wantedUp)) {
      found.add(Json.quote(module.tensor(LoraNames.Part.UP)) + " " + up + " for " + wantedUp);
    }
    return found;
  }

  /** Tells whether shapes agree but for ones at the end: 1×1 convolutions are matrix products. */
  private static boolean same(Shape a, Shape b) {
    return Arrays.equals(withoutOnes(a), withoutOnes(b));
  }

  private static long[] withoutOnes(Shape shape) {
    int length = shape.dimension();
    while (length > 2 && shape.get(length - 1) == 1) {
      length--;
    }
    return Arrays.copyOf(shape.getShape(), length);
  }

  /** Returns the size of a product's delta: the parts of a stack must agree. */
  LoraConfig config(List<Optional<Module>> parts) throws ModelFormatException {
    Set<LoraConfig> sizes = new LinkedHashSet<>();
    List<String> keys = new ArrayList<>();
    for (Optional<Module> part : parts) {
      if (part.isPresent()) {
        sizes.add(part.get().config());
        keys.add(part.get().key);
      }
    }
    if (sizes.size() > 1) {
      throw new ModelFormatException(
          file + ": " + keys + " have " + sizes + ", expected one rank and alpha for all of them");
    }
    return sizes.iterator().next();
  }

  /** Reads alpha from diffusers' settings of the adapter. */
  private static OptionalDouble alphaOf(String file, String settings) throws ModelFormatException {
    if (settings == null) {
      return OptionalDouble.empty();
    }
    try {
      JsonValue value = Json.parse(settings, file + ": " + METADATA);
      OptionalDouble alpha = OptionalDouble.empty();
      for (String name : value.names()) {
        String end = name.substring(name.lastIndexOf('.') + 1);
        JsonValue entry = value.get(name);
        if (end.equals("lora_alpha")) {
          alpha = OptionalDouble.of(entry.number());
        } else if (end.equals("use_dora") || end.equals("use_rslora")) {
          refuseUnless(!entry.bool(), entry, "false");
        } else if (end.equals("alpha_pattern")) {
          refuseUnless(entry.isNull() || entry.names().isEmpty(), entry, "{}");
        }
      }
      return alpha;
    } catch (JsonException e) {
      throw new ModelFormatException(e.getMessage(), e);
    }
  }

  private static void refuseUnless(boolean fine, JsonValue entry, String expected) {
    if (!fine) {
      throw entry.wrong(expected);
    }
  }

  /** Writes diffusers' settings of an adapter. */
  static Map<String, String> metadata(List<LoraConfig> sizes, List<String> modules) {
    if (Set.copyOf(sizes).size() > 1) {
      throw new IllegalArgumentException(
          "deltas have "
              + Set.copyOf(sizes)
              + ", expected one rank and alpha for all in the names of peft; kohya's say each");
    }
    JsonObject settings = new JsonObject();
    double alpha = sizes.get(0).alpha();
    if (alpha == Math.rint(alpha)) {
      settings.addProperty("unet.lora_alpha", (long) alpha);
    } else {
      settings.addProperty("unet.lora_alpha", alpha);
    }
    settings.addProperty("unet.r", sizes.get(0).rank());
    JsonArray targets = new JsonArray();
    modules.stream().sorted().forEach(targets::add);
    settings.add("unet.target_modules", targets);
    return Map.of("format", "pt", METADATA, Json.compact(settings));
  }
}
