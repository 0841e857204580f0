package ai.fresnel.cvs.diffusion;

import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Philox4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as
 * 1, 2, 3" (2011): a bijection of 128-bit counters under a 64-bit key, in Java and in TorchScript.
 * It has no state, so any block of any stream can be computed directly.
 */
final class Philox4x32 {

  private static final long M0 = 0xD2511F53L;
  private static final long M1 = 0xCD9E8D57L;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final long LOW = 0xFFFFFFFFL;

  /**
   * The TorchScript method {@code self.philox}. It takes the four words of B counters, each (1, B)
   * from 0 to 2^32 - 1, and N keys, (N, 1), and returns the four words of each block, (N, B); all
   * int64.
   *
   * <p>A word times a multiplier can pass 2^63. A word times (multiplier - 2^32) cannot: the low
   * word of both products is the same, and the high words differ by the word.
   */
  static final String METHODS =
      TorchFunction.helper(
          "philox",
          "counter: List[Tensor], key: Tensor",
          "List[Tensor]",
          """
          c0, c1, c2, c3, = counter
          step = torch.arange(%2$s, dtype=4, device=ops.prim.device(key))
          step = torch.reshape(step, [-1, 1, 1])
          k0 = ((key & %1$s) + step * %5$s) & %1$s
          k1 = ((key >> 32) + step * %6$s) & %1$s
          for i in range(%2$s):
            p0 = c0 * %3$s
            p1 = c2 * %4$s
            high0 = (p0 >> 32) + c0
            high1 = (p1 >> 32) + c2
            c0 = high1 ^ c1 ^ k0[i]
            c1 = p1 & %1$s
            c2 = high0 ^ c3 ^ k1[i]
            c3 = p0 & %1$s
          return [c0, c1, c2, c3]
          """
              .formatted(LOW, ROUNDS, M0 - (1L << 32), M1 - (1L << 32), W0 & LOW, W1 & LOW));

  private Philox4x32() {}

  /** Writes the four words of one block. */
  static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] out) {
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = M0 * (c0 & LOW);
      long p1 = M1 * (c2 & LOW);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
