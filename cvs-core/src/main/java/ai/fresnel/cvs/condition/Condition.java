package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.nn.ActivationCount;
import ai.fresnel.cvs.scene.CameraBatch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One thing a denoising network is conditioned on. It is encoded for each photograph, then made
 * into an array of its slot for each target camera.
 */
abstract class Condition {

  private final String name;
  private final Slot slot;
  private final Optional<NullValue> nullValue;
  private final Map<String, NetworkBlock> blocks = new LinkedHashMap<>();

  /**
   * Makes a condition that zeros stand in for where it is dropped.
   *
   * @param name its name in messages and, in the slot {@link Slot#CONCAT}, of its channels
   * @param slot where it enters the network
   */
  Condition(String name, Slot slot) {
    this.name = name;
    this.slot = slot;
    nullValue = Optional.empty();
  }

  /**
   * Makes a condition that a learned value stands in for where it is dropped.
   *
   * @param name its name in messages
   * @param slot where it enters the network
   * @param nullValue stands in for it; its parameters are at {@code null_NAME}
   */
  Condition(String name, Slot slot, NullValue nullValue) {
    this.name = name;
    this.slot = slot;
    this.nullValue = Optional.of(nullValue);
    block("null_" + name, nullValue);
  }

  /** Adds a block under the name that leads to its parameters. */
  final <B extends NetworkBlock> B block(String path, B block) {
    blocks.put(path, block);
    return block;
  }

  final String name() {
    return name;
  }

  final Slot slot() {
    return slot;
  }

  /**
   * Replaces what is dropped, for a condition that has its slot alone.
   *
   * @param store where the parameters' values are
   * @param manager owns the result
   * @param value what {@link #value} returned, (N, ...)
   * @param keep 1 keeps a sample, 0 drops it, (N)
   * @param conditioning all conditions of the N samples
   * @return value with the null value for dropped samples
   */
  NDArray dropped(
      ParameterStore store,
      NDManager manager,
      NDArray value,
      NDArray keep,
      Conditioning conditioning) {
    return nullValue.orElseThrow().apply(store, manager, value, keep);
  }

  /** Its blocks under the names that lead to their parameters. */
  final Map<String, NetworkBlock> blocks() {
    return blocks;
  }

  /** Stores weights of a frozen encoder as they are computed with, for inference alone. */
  void narrow() {}

  /** Channels in the slot {@link Slot#CONCAT}, 0 elsewhere. */
  int channels() {
    return 0;
  }

  /**
   * Encodes photographs, once for all their views; conditions run in order, later ones see codes.
   */
  void encode(Encoding encoding) {}

  /**
   * Makes the array that the network reads for each target.
   *
   * @param store where the parameters' values are
   * @param manager owns the intermediates, and the result until it is moved
   * @param code the codes of N photographs
   * @param cameras N moves
   * @return the array of its slot
   */
  abstract NDArray value(
      ParameterStore store, NDManager manager, PhotographCode code, CameraBatch cameras);

  /**
   * Makes the array of N targets of one object from several photographs: from the nearest of each
   * target, unless a condition knows better.
   *
   * @param store where the parameters' values are
   * @param manager owns the result
   * @param object the photographs
   * @param cameras N moves from the first photograph
   * @param nearest the nearest photographs
   * @return the array of its slot
   */
  NDArray value(
      ParameterStore store,
      NDManager manager,
      FusedCode object,
      CameraBatch cameras,
      FusedCode.Nearest nearest) {
    return value(store, manager, nearest.code(), nearest.cameras());
  }

  /** The state that {@link #value} lets expect; empty where it does not. */
  Optional<NDArray> mean(NDManager manager, NDArray value) {
    return Optional.empty();
  }

  /** Multiply-adds of one sample by part. */
  Map<String, Long> multiplyAdds() {
    return Map.of();
  }

  /** Counts what training keeps of one sample. */
  List<ActivationCount> activations() {
    return List.of();
  }
}
