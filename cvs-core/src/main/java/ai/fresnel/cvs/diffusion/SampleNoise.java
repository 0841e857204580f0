package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.stream.IntStream;

/**
 * Makes noise that depends on a sample's seed alone, not on its batch, its position in it, the
 * thread or the machine. The generator is Philox4x32-10 with the seed as key and (block, stream,
 * kind) as counter. Normals use the Box-Muller transform in double precision with this class's own
 * polynomials, because the library's logarithm and sine differ between machines in the last bit.
 *
 * <p>A stream is an independent sequence of one seed: pass k of a sampler reads stream k. A shorter
 * sequence is a prefix of a longer one. Normals and uniforms of one stream are independent.
 */
public final class SampleNoise {

  private static final int NORMAL = 0;
  private static final int UNIFORM = 1;
  private static final int SEED = 2;

  private static final int SHARED_VALUES = 1 << 18;
  private static final double TO_UNIT = 0x1p-32;
  // The last 29 of an angle's 32 bits are its position within an eighth of a turn.
  private static final double TO_EIGHTH = Math.PI / 4 * 0x1p-29;
  private static final double LN2 = 0.6931471805599453;

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
    float[] out = new float[Math.multiplyExact(size, seeds.length)];
    IntStream samples = IntStream.range(0, seeds.length);
    // A GPU would wait for a large batch. A small one is faster on one thread.
    (out.length < SHARED_VALUES ? samples : samples.parallel())
        .forEach(i -> fillNormal(seeds[i], stream, out, i * size, size));
    return manager.create(out, new Shape(seeds.length).addAll(perSample));
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
    return manager.create(out, new Shape(seeds.length).addAll(perSample));
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
      boxMuller(word[0], word[1], out, i);
      boxMuller(word[2], word[3], out, i + 2);
    }
    if (i < end) {
      float[] last = new float[4];
      block(seed, stream, NORMAL, block, word);
      boxMuller(word[0], word[1], last, 0);
      boxMuller(word[2], word[3], last, 2);
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

  /** Makes two normals from two words: radius sqrt(-2 ln u), u in (0, 1), and a uniform angle. */
  private static void boxMuller(int radiusWord, int angleWord, float[] out, int at) {
    double radius = Math.sqrt(-2 * ln(((radiusWord & 0xFFFFFFFFL) + 0.5) * TO_UNIT));
    // The first three bits choose one of eight octants by swapping and signs; polynomials compute
    // the angle within the first octant.
    double t = ((angleWord & 0x1FFFFFFF) + 0.5) * TO_EIGHTH;
    double t2 = t * t;
    double sin = t * (1 + t2 * (S3 + t2 * (S5 + t2 * (S7 + t2 * (S9 + t2 * S11)))));
    double cos = 1 + t2 * (C2 + t2 * (C4 + t2 * (C6 + t2 * (C8 + t2 * (C10 + t2 * C12)))));
    boolean swap = (angleWord & 0x20000000) != 0;
    double first = radius * (swap ? sin : cos);
    double second = radius * (swap ? cos : sin);
    out[at] = (float) ((angleWord & 0x40000000) != 0 ? -first : first);
    out[at + 1] = (float) (angleWord < 0 ? -second : second);
  }

  // Taylor coefficients: on an eighth of a turn their error is 1e-11, below a float's precision.
  private static final double S3 = -1.0 / 6;
  private static final double S5 = 1.0 / 120;
  private static final double S7 = -1.0 / 5040;
  private static final double S9 = 1.0 / 362880;
  private static final double S11 = -1.0 / 39916800;
  private static final double C2 = -1.0 / 2;
  private static final double C4 = 1.0 / 24;
  private static final double C6 = -1.0 / 720;
  private static final double C8 = 1.0 / 40320;
  private static final double C10 = -1.0 / 3628800;
  private static final double C12 = 1.0 / 479001600;

  /** Computes ln of a normal double above 0 to within 1e-12: ln m = 2 artanh((m - 1) / (m + 1)). */
  private static double ln(double value) {
    long bits = Double.doubleToRawLongBits(value);
    int exponent = (int) (bits >>> 52) - 1023;
    double m = Double.longBitsToDouble((bits & 0xFFFFFFFFFFFFFL) | 0x3FF0000000000000L);
    if (m > Math.sqrt(2)) {
      m *= 0.5;
      exponent++;
    }
    double s = (m - 1) / (m + 1);
    double s2 = s * s;
    double series = 1.0 / 7 + s2 * (1.0 / 9 + s2 * (1.0 / 11 + s2 * (1.0 / 13)));
    series = 1 + s2 * (1.0 / 3 + s2 * (1.0 / 5 + s2 * series));
    return exponent * LN2 + 2 * s * series;
  }
}
