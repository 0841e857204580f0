package ai.fresnel.cvs.train.viewset;

/** Converts 8-bit RGBA into the inputs of networks: colours on white, and alpha. */
public final class Rgba {

  /** 8-bit value → [-1, 1]. */
  private static final float[] SIGNED = new float[256];

  static {
    for (int i = 0; i < SIGNED.length; i++) {
      SIGNED[i] = i / 127.5f - 1;
    }
  }

  private Rgba() {}

  /**
   * Composites an image on white, in sRGB values.
   *
   * @param rgba (H, W, 4), 8-bit sRGB and straight alpha
   * @return (3, H, W), 8-bit sRGB
   */
  public static byte[] onWhite(byte[] rgba) {
    int pixels = rgba.length / 4;
    byte[] chw = new byte[3 * pixels];
    for (int i = 0; i < pixels; i++) {
      int alpha = rgba[4 * i + 3] & 0xff;
      for (int c = 0; c < 3; c++) {
        int value = (rgba[4 * i + c] & 0xff) * alpha + 255 * (255 - alpha);
        chw[c * pixels + i] = (byte) ((value + 127) / 255);
      }
    }
    return chw;
  }

  /**
   * Returns the alpha channel of an image.
   *
   * @param rgba (H, W, 4)
   * @return (H, W), 0 to 255
   */
  public static byte[] alpha(byte[] rgba) {
    byte[] alpha = new byte[rgba.length / 4];
    for (int i = 0; i < alpha.length; i++) {
      alpha[i] = rgba[4 * i + 3];
    }
    return alpha;
  }

  /**
   * Converts bytes to [-1, 1].
   *
   * @param bytes any number of values, 0 to 255
   * @param out receives them
   * @param offset the index of the first in {@code out}
   */
  public static void toSigned(byte[] bytes, float[] out, int offset) {
    for (int i = 0; i < bytes.length; i++) {
      out[offset + i] = SIGNED[bytes[i] & 0xff];
    }
  }
}
