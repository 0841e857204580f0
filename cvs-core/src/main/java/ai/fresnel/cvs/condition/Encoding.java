package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.torch.Precision;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Photographs on their way through the encoders of all conditions. */
final class Encoding {

  private final ParameterStore store;
  private final NDManager manager;
  private final Precision precision;
  private final NDArray source;
  private final Optional<NDArray> states;
  private final Map<String, NDArray> codes = new LinkedHashMap<>();
  private final Map<String, NDArray> narrow = new LinkedHashMap<>();

  /**
   * Begins.
   *
   * @param store where the parameters' values are
   * @param manager owns the intermediates, and the codes until they are moved
   * @param precision the type that encoders compute in
   * @param source the photographs, (N, C, S, S) in [-1, 1]
   * @param states their states, (N, ...), where they are known
   */
  Encoding(
      ParameterStore store,
      NDManager manager,
      Precision precision,
      NDArray source,
      Optional<NDArray> states) {
    this.store = store;
    this.manager = manager;
    this.precision = precision;
    this.source = source;
    this.states = states;
  }

  ParameterStore store() {
    return store;
  }

  NDManager manager() {
    return manager;
  }

  NDArray source() {
    return source;
  }

  /** The photographs' states, where they are known. */
  Optional<NDArray> states() {
    return states;
  }

  /** Adds a code that is float32 already. */
  void put(String name, NDArray code) {
    codes.put(name, code);
  }

  /** Adds a code in the computing type, which later encoders read as it is. */
  void putNarrow(String name, NDArray code) {
    narrow.put(name, code);
    codes.put(name, precision.widen(manager, code));
  }

  /** A code in float32. */
  NDArray get(String name) {
    return codes.get(name);
  }

  /** A code in the computing type. */
  NDArray getNarrow(String name) {
    return narrow.computeIfAbsent(name, key -> precision.narrow(manager, codes.get(key)));
  }

  PhotographCode code() {
    return new PhotographCode(codes);
  }
}
