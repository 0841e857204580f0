package ai.fresnel.cvs.diffusion;

import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Arrays;

/**
 * The Box-Muller transform from two words of 32 random bits to two normals, in Java and in
 * TorchScript. Both compute in double precision with this class's own polynomials, because the
 * library's logarithm and sine differ between machines in the last bit. All that is left are sums,
 * products, quotients and roots, which IEEE 754 rounds in one way.
 */
final class BoxMuller {

  private static final double TO_UNIT = 0x1p-32;
  // The last 29 of an angle's 32 bits are its position within an eighth of a turn.
  private static final double TO_EIGHTH = Math.PI / 4 * 0x1p-29;
  private static final int POSITION = 0x1FFFFFFF;
  private static final int SWAP = 0x20000000;
  private static final int LEFT = 0x40000000;
  private static final double LN2 = 0.6931471805599453;

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

  /**
   * The TorchScript methods. {@code self.normals} takes words from 0 to 2^32 - 1 as int64, radius
   * and angle of one shape, and returns float32 of that shape with a last dimension of two normals
   * more.
   */
  static final String METHODS =
      TorchFunction.helper(
              // c[0] + c[1]·x + c[2]·x² + ..., from the last.
              "polynomial",
              "x: Tensor, c: List[float]",
              "Tensor",
              """
              y = torch.mul(x, c[-1])
              for i in range(torch.len(c) - 2):
                y = torch.mul_(torch.add_(y, c[-2 - i]), x)
              return torch.add_(y, c[0])
              """)
          + TorchFunction.helper(
              "ln",
              "value: Tensor",
              "Tensor",
              """
              bits = torch.view_copy(value, dtype=4)
              m = torch.view_copy((bits & %s) | %s, dtype=7)
              high = torch.gt(m, %s)
              m = torch.where(high, m * 0.5, m)
              exponent = torch.to((bits >> 52) + high - 1023, 7)
              s = (m - 1.) / (m + 1.)
              return exponent * %s + s * 2. * self.polynomial(s * s, %s)
              """
                  .formatted(
                      0xFFFFFFFFFFFFFL,
                      0x3FF0000000000000L,
                      Math.sqrt(2),
                      LN2,
                      list(1, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13)))
          + TorchFunction.helper(
              "normals",
              "radiusWord: Tensor, angleWord: Tensor",
              "Tensor",
              """
              radius = torch.sqrt(self.ln((torch.to(radiusWord, 7) + 0.5) * %s) * -2.)
              t = (torch.to(angleWord & %s, 7) + 0.5) * %s
              sin = t * self.polynomial(t * t, %s)
              cos = self.polynomial(t * t, %s)
              swap = torch.ne(angleWord & %s, 0)
              first = radius * torch.where(swap, sin, cos)
              second = radius * torch.where(swap, cos, sin)
              first = torch.where(torch.ne(angleWord & %s, 0), -first, first)
              second = torch.where(torch.ge(angleWord, %s), -second, second)
              return torch.stack([torch.to(first, 6), torch.to(second, 6)], -1)
              """
                  .formatted(
                      TO_UNIT,
                      POSITION,
                      TO_EIGHTH,
                      list(1, S3, S5, S7, S9, S11),
                      list(1, C2, C4, C6, C8, C10, C12),
                      SWAP,
                      LEFT,
                      1L << 31));

  private BoxMuller() {}

  private static String list(double... values) {
    return Arrays.toString(values);
  }

  /** Makes two normals from two words: radius sqrt(-2 ln u), u in (0, 1), and a uniform angle. */
  static void normals(int radiusWord, int angleWord, float[] out, int at) {
    double radius = Math.sqrt(-2 * ln(((radiusWord & 0xFFFFFFFFL) + 0.5) * TO_UNIT));
    // The first three bits choose one of eight octants by swapping and signs; polynomials compute
    // the angle within the first octant.
    double t = ((angleWord & POSITION) + 0.5) * TO_EIGHTH;
    double t2 = t * t;
    double sin = t * (1 + t2 * (S3 + t2 * (S5 + t2 * (S7 + t2 * (S9 + t2 * S11)))));
    double cos = 1 + t2 * (C2 + t2 * (C4 + t2 * (C6 + t2 * (C8 + t2 * (C10 + t2 * C12)))));
    boolean swap = (angleWord & SWAP) != 0;
    double first = radius * (swap ? sin : cos);
    double second = radius * (swap ? cos : sin);
    out[at] = (float) ((angleWord & LEFT) != 0 ? -first : first);
    out[at + 1] = (float) (angleWord < 0 ? -second : second);
  }

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
