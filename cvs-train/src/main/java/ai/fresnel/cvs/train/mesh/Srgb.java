package ai.fresnel.cvs.train.mesh;

/** The sRGB transfer curve (IEC 61966-2-1), both ways, by table. */
public final class Srgb {
  private static final float[] DECODE = new float[256];

  /** 2^14 steps, each below a quarter of an 8-bit step even at the steep dark end. */
  private static final byte[] ENCODE = new byte[1 << 14];

  static {
    for (int i = 0; i < DECODE.length; i++) {
      DECODE[i] = (float) decode(i / 255.0);
    }
    for (int i = 0; i < ENCODE.length; i++) {
      double c = i / (double) (ENCODE.length - 1);
      double e = c <= 0.0031308 ? 12.92 * c : 1.055 * Math.pow(c, 1 / 2.4) - 0.055;
      ENCODE[i] = (byte) Math.round(255 * e);
    }
  }

  private Srgb() {}

  /**
   * Decodes a value.
   *
   * @param c encoded, in [0, 1]
   * @return linear light in [0, 1]
   */
  public static double decode(double c) {
    return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
  }

  /**
   * Decodes a byte.
   *
   * @param encoded the encoded byte, 0 to 255
   * @return linear light in [0, 1]
   */
  public static float decode(int encoded) {
    return DECODE[encoded];
  }

  private static float tone(float linear) {
    return linear <= 0.7f ? linear : 0.7f + 0.3f * (1 - (float) Math.exp((0.7f - linear) / 0.3f));
  }

  /**
   * Encodes rendered light: up to 0.7 as {@link #encodePlain} does, then with a shoulder toward 1,
   * so that bright surfaces keep their shape.
   *
   * @param linear light, 0 and above
   * @return the encoded byte
   */
  public static byte encode(float linear) {
    return encodePlain(tone(linear));
  }

  /**
   * Encodes a value, the exact inverse of {@link #decode(int)}.
   *
   * @param linear light; clipped to [0, 1]
   * @return the encoded byte
   */
  public static byte encodePlain(float linear) {
    float c = linear > 0 ? Math.min(linear, 1) : 0;
    return ENCODE[(int) (c * (ENCODE.length - 1) + 0.5f)];
  }
}
