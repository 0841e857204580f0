package ai.fresnel.cvs;

import ai.djl.Device;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The device, precision and threads of a {@link ViewSynthesizer}, and what decodes its views. Start
 * from {@link #defaults} and change it by the {@code with} methods. Immutable.
 *
 * @param device the device; null for the first GPU, or the CPU
 * @param precision the precision that the network computes in
 * @param threads threads inside one operation on a CPU; 0 for the engine's choice, commonly one per
 *     core. libtorch has one such number per process, so loading a model sets it for all
 * @param decoder the folder of an imported autoencoder that decodes the views of a model of latents
 *     in place of the model's own, such as a TAESD for speed; empty for the model's own
 */
public record SynthesizerOptions(
    Device device, Precision precision, int threads, Optional<Path> decoder) {

  /**
   * Checks the options.
   *
   * @param device as above
   * @param precision as above
   * @param threads as above
   * @param decoder as above
   * @throws IllegalArgumentException if there is no precision or {@code threads} is negative
   */
  public SynthesizerOptions {
    if (precision == null) {
      throw new IllegalArgumentException(
          "precision is null, expected FLOAT32, BFLOAT16 or FLOAT16");
    }
    Objects.requireNonNull(decoder, "decoder is null");
    if (threads < 0) {
      throw new IllegalArgumentException("threads is " + threads + ", expected 0 or more");
    }
  }

  /**
   * Returns the default options: the default device, float32, the engine's number of threads.
   *
   * @return the options
   */
  public static SynthesizerOptions defaults() {
    return new SynthesizerOptions(null, Precision.FLOAT32, 0, Optional.empty());
  }

  /**
   * Sets the device.
   *
   * @param value the device, null for the default
   * @return a copy with it
   */
  public SynthesizerOptions withDevice(Device value) {
    return new SynthesizerOptions(value, precision, threads, decoder);
  }

  /**
   * Sets the precision.
   *
   * @param value the precision
   * @return a copy with it
   */
  public SynthesizerOptions withPrecision(Precision value) {
    return new SynthesizerOptions(device, value, threads, decoder);
  }

  /**
   * Sets the number of threads.
   *
   * @param value 0 for the engine's choice
   * @return a copy with it
   */
  public SynthesizerOptions withThreads(int value) {
    return new SynthesizerOptions(device, precision, value, decoder);
  }

  /**
   * Sets what decodes the views of a model of latents.
   *
   * @param value the folder of an imported autoencoder of the same latents
   * @return a copy with it
   */
  public SynthesizerOptions withDecoder(Path value) {
    return new SynthesizerOptions(device, precision, threads, Optional.of(value));
  }

  /** Returns the chosen device, or the default device of this machine. */
  Device deviceOrDefault() {
    return device == null ? TorchRuntime.defaultDevice() : device;
  }
}
