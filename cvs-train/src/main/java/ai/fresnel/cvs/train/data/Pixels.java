package ai.fresnel.cvs.train.data;

/** From 8-bit RGBA to what the network sees. */
final class Pixels {

  /** 8-bit value → [-1, 1]. */
  private static final float[] SIGNED = new float[256];

  static {
    for (int i = 0; i < SIGNED.length; i++) {
      SIGNED[i] = i / 127.5f - 1;
    }
  }

  private Pixels() {}

  /** Composites (H, W, 4) straight alpha on white, in stored values, into (3, H, W) bytes. */
  static byte[] onWhite(byte[] rgba) {
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

  static byte[] alpha(byte[] rgba) {
    byte[] alpha = new byte[rgba.length / 4];
    for (int i = 0; i < alpha.length; i++) {
      alpha[i] = rgba[4 * i + 3];
    }
    return alpha;
  }

  /** Turns a picture (3, S, S) over, left to right. */
  static void mirror(float[] picture, int offset, int side) {
    for (int row = 0; row < 3 * side; row++) {
      int left = offset + row * side;
      int right = left + side - 1;
      while (left < right) {
        float kept = picture[left];
        picture[left++] = picture[right];
        picture[right--] = kept;
      }
    }
  }

  /** Writes bytes as [-1, 1] into {@code out} from {@code offset} on. */
  static void toSigned(byte[] bytes, float[] out, int offset) {
    for (int i = 0; i < bytes.length; i++) {
      out[offset + i] = SIGNED[bytes[i] & 0xff];
    }
  }
}
