package ai.fresnel.cvs.diffusion;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchOps;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.stream.IntStream;

/**
 * Makes noise that depends on a sample's seed alone, not on its batch, its position in it, the
 * thread or the machine. The generator is Philox4x32-10 with the seed as key and (block, stream,
 * kind) as counter. Normals use the Box-Muller transform. A GPU makes the normals of a large batch
 * itself, by the same operations: a copy from Java's memory would wait for all that was asked of
 * it.
 *
 * <p>A stream is an independent sequence of one seed: pass k of a sampler reads stream k. A shorter
 * sequence is a prefix of a longer one. Normals and uniforms of one stream are independent.
 */
public final class SampleNoise {

  private static final int NORMAL = 0;
  private static final int UNIFORM = 1;
  private static final int SEED = 2;

  private static final int SHARED_VALUES = 1 << 18;

  /** Java makes fewer values sooner than a GPU starts the operations for any number of them. */
  private static final int DEVICE_VALUES = 1 << 16;

  /** A GPU makes as many values at once, in about 500 MB. */
  private static final int PIECE_VALUES = 1 << 23;

  // on: an array of the device; numbers: stream, values of a sample, samples of a piece. What comes
  // from Java lies in the CPU's memory, so that nothing waits for the device.
  private static final TorchFunction NORMALS =
      TorchFunction.withHelpers(
          Philox4x32.METHODS + BoxMuller.METHODS,
          "on: Tensor, seeds: Tensor, numbers: Tensor",
          """
          size = int(numbers[1])
          most = int(numbers[2])
          block = torch.arange((size + 3) // 4, dtype=4, device=ops.prim.device(on))
          block = torch.reshape(block, [1, -1])
          stream = torch.full_like(block, int(numbers[0]))
          kind = torch.full_like(block, %s)
          counter = [block, torch.zeros_like(block), stream, kind]
          key = torch.reshape(torch.to(seeds, on, True), [-1, 1])
          pieces = annotate(List[Tensor], [])
          for first in range(0, torch.size(key, 0), most):
            w0, w1, w2, w3, = self.philox(counter, torch.slice(key, 0, first, first + most))
            z = self.normals(torch.stack([w0, w2], -1), torch.stack([w1, w3], -1))
            q = torch.append(pieces, torch.slice(torch.flatten(z, 1), 1, 0, size))
          return torch.cat(pieces, 0)
          """
              .formatted(NORMAL));

  private SampleNoise() {}

  /**
   * Returns standard normal numbers of one seed.
   *
   * @param seed any seed
   * @param stream any stream
   * @param count number of values, 0 or more
   * @return independent normals of mean 0 and variance 1, none beyond 6.8
   */
  public static float[] normal(long seed, int stream, int count) {
    float[] out = new float[count];
    fillNormal(seed, stream, out, 0, count);
    return out;
  }

  /**
   * Returns uniform numbers of one seed.
   *
   * @param seed any seed
   * @param stream any stream
   * @param count number of values, 0 or more
   * @return independent multiples of 2^-24, from 0 (included) to 1 (excluded)
   */
  public static float[] uniform(long seed, int stream, int count) {
    float[] out = new float[count];
    fillUniform(seed, stream, out, 0, count);
    return out;
  }

  /**
   * Makes standard normal noise for a batch.
   *
   * @param manager manager of the result
   * @param seeds one per sample, N in all
   * @param stream any stream
   * @param perSample the shape of one sample, without N
   * @return (N, ...) float32; sample i is {@code normal(seeds[i], stream, size)}
   */
  public static NDArray normal(NDManager manager, long[] seeds, int stream, Shape perSample) {
    int size = Math.toIntExact(perSample.size());
    int values = Math.multiplyExact(size, seeds.length);
    if (manager.getDevice().isGpu() && values >= DEVICE_VALUES) {
      return normalOnDevice(manager, seeds, stream, perSample, PIECE_VALUES);
    }
    float[] out = new float[values];
    IntStream samples = IntStream.range(0, seeds.length);
    // A small batch is faster on one thread.
    (values < SHARED_VALUES ? samples : samples.parallel())
        .forEach(i -> fillNormal(seeds[i], stream, out, i * size, size));
    return TorchOps.create(manager, out, new Shape(seeds.length).addAll(perSample));
  }

  /**
   * Makes the same on the manager's device, which may be the CPU: there it takes longer.
   *
   * @param seeds one or more
   * @param perSample of one value or more
   * @param pieceValues the values to make at once, unless a sample has more
   */
  static NDArray normalOnDevice(
      NDManager manager, long[] seeds, int stream, Shape perSample, int pieceValues) {
    long size = perSample.size();
    long[] numbers = {Integer.toUnsignedLong(stream), size, Math.max(1, pieceValues / size)};
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDManager cpu = manager.newSubManager(Device.cpu());
        NDArray on = manager.create(new Shape(0), DataType.INT64);
        NDArray rows = NORMALS.call(on, cpu.create(seeds), cpu.create(numbers))) {
      return rows.reshape(new Shape(seeds.length).addAll(perSample));
    }
  }

  /**
   * Makes uniform noise for a batch.
   *
   * @param manager manager of the result
   * @param seeds one per sample, N in all
   * @param stream any stream
   * @param perSample the shape of one sample, without N
   * @return (N, ...) float32 from 0 to 1; sample i is {@code uniform(seeds[i], stream, size)}
   */
  public static NDArray uniform(NDManager manager, long[] seeds, int stream, Shape perSample) {
    int size = Math.toIntExact(perSample.size());
    float[] out = new float[Math.multiplyExact(size, seeds.length)];
    for (int i = 0; i < seeds.length; i++) {
      fillUniform(seeds[i], stream, out, i * size, size);
    }
    return TorchOps.create(manager, out, new Shape(seeds.length).addAll(perSample));
  }

  /**
   * Derives many seeds from one, for the samples of a set or the steps of a run.
   *
   * @param seed any seed
   * @param first index of the first, so that seeds can be made in parts
   * @param count number of seeds
   * @return well-mixed seeds; entry i depends on {@code seed} and {@code first + i} only
   */
  public static long[] seeds(long seed, long first, int count) {
    long[] out = new long[count];
    int[] word = new int[4];
    for (int i = 0; i < count; i++) {
      block(seed, 0, SEED, first + i, word);
      out[i] = (long) word[0] << 32 | (word[1] & 0xFFFFFFFFL);
    }
    return out;
  }

  private static void fillNormal(long seed, int stream, float[] out, int offset, int count) {
    int[] word = new int[4];
    int end = offset + count;
    int i = offset;
    long block = 0;
    for (; i + 4 <= end; i += 4) {
      block(seed, stream, NORMAL, block++, word);
      BoxMuller.normals(word[0], word[1], out, i);
      BoxMuller.normals(word[2], word[3], out, i + 2);
    }
    if (i < end) {
      float[] last = new float[4];
      block(seed, stream, NORMAL, block, word);
      BoxMuller.normals(word[0], word[1], last, 0);
      BoxMuller.normals(word[2], word[3], last, 2);
      System.arraycopy(last, 0, out, i, end - i);
    }
  }

  private static void fillUniform(long seed, int stream, float[] out, int offset, int count) {
    int[] word = new int[4];
    for (int i = 0; i < count; i++) {
      if ((i & 3) == 0) {
        block(seed, stream, UNIFORM, i >> 2, word);
      }
      out[offset + i] = (word[i & 3] >>> 8) * 0x1p-24f;
    }
  }

  private static void block(long seed, int stream, int kind, long block, int[] word) {
    Philox4x32.block(
        (int) block, (int) (block >>> 32), stream, kind, (int) seed, (int) (seed >>> 32), word);
  }
}
