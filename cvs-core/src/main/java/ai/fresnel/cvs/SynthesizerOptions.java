package ai.fresnel.cvs;

import ai.djl.Device;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;

/**
 * Where and how a {@link ViewSynthesizer} runs. {@link #defaults} and the {@code with} methods make
 * one. Immutable.
 *
 * @param device where the network runs; null for the first GPU, or the CPU
 * @param precision what the network computes in
 * @param threads threads inside one operation on a CPU; 0 for what the engine has chosen, commonly
 *     one a core. libtorch has one such number for the whole process: loading sets it for all
 */
public record SynthesizerOptions(Device device, Precision precision, int threads) {

  /**
   * Checks.
   *
   * @param device as above
   * @param precision as above
   * @param threads as above
   * @throws IllegalArgumentException if there is no precision or {@code threads} is negative
   */
  public SynthesizerOptions {
    if (precision == null) {
      throw new IllegalArgumentException(
          "precision is null, expected FLOAT32, BFLOAT16 or FLOAT16");
    }
    if (threads < 0) {
      throw new IllegalArgumentException("threads is " + threads + ", expected 0 or more");
    }
  }

  /**
   * The default device, float32, the engine's number of threads.
   *
   * @return the options
   */
  public static SynthesizerOptions defaults() {
    return new SynthesizerOptions(null, Precision.FLOAT32, 0);
  }

  /**
   * Sets the device.
   *
   * @param value the device, null for the default
   * @return a copy with it
   */
  public SynthesizerOptions withDevice(Device value) {
    return new SynthesizerOptions(value, precision, threads);
  }

  /**
   * Sets the precision.
   *
   * @param value the precision
   * @return a copy with it
   */
  public SynthesizerOptions withPrecision(Precision value) {
    return new SynthesizerOptions(device, value, threads);
  }

  /**
   * Sets the number of threads.
   *
   * @param value 0 for what the engine has chosen
   * @return a copy with it
   */
  public SynthesizerOptions withThreads(int value) {
    return new SynthesizerOptions(device, precision, value);
  }

  /** The device asked for, or the machine's. */
  Device deviceOrDefault() {
    return device == null ? TorchRuntime.defaultDevice() : device;
  }
}
