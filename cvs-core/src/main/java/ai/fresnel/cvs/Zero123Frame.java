package ai.fresnel.cvs;

import ai.fresnel.cvs.model.ConditionerConfig.Zero123;
import ai.fresnel.cvs.resize.LanczosResize;
import ai.fresnel.cvs.resize.LanczosResize.Bytes;
import java.util.Arrays;

/**
 * Frames photographs as the demo of Zero123's authors does, to the same 8-bit values. An object is
 * cut off where it is less than half opaque, without a soft rim, and reduced until its longer side
 * fills 200 of 256 pixels; a smaller one keeps its size. It is put in the middle of white.
 */
final class Zero123Frame {

  private static final int HALF_OPAQUE = 128;

  private Zero123Frame() {}

  /**
   * Frames an object.
   *
   * @param rgba pixels with straight alpha, (height, width, 4)
   * @param width pixels of a row
   * @param place where the object is
   * @param size S
   * @return (3, S, S) in [-1, 1]
   */
  static float[] ofObject(byte[] rgba, int width, ObjectPlace place, int size) {
    int wide = place.right() - place.left();
    int high = place.bottom() - place.top();
    Bytes object = new Bytes(new byte[3 * wide * high], wide, high, 3);
    for (int i = 0; i < wide * high; i++) {
      int pixel = 4 * ((place.top() + i / wide) * width + place.left() + i % wide);
      for (int c = 0; c < 3; c++) {
        boolean inside = (rgba[pixel + 3] & 255) >= HALF_OPAQUE;
        object.values()[3 * i + c] = inside ? rgba[pixel + c] : (byte) 255;
      }
    }
    Bytes small = LanczosResize.thumbnail(object, Math.max(1, (int) (size * Zero123.OBJECT_SHARE)));
    byte[] frame = new byte[3 * size * size];
    Arrays.fill(frame, (byte) 255);
    int left = (size - small.width()) / 2;
    int top = (size - small.height()) / 2;
    int line = 3 * small.width();
    for (int y = 0; y < small.height(); y++) {
      System.arraycopy(small.values(), line * y, frame, 3 * ((top + y) * size + left), line);
    }
    float[] image = new float[frame.length];
    for (int i = 0; i < frame.length; i++) {
      image[i % 3 * size * size + i / 3] = (frame[i] & 255) / 255f * 2 - 1;
    }
    return image;
  }

  /**
   * Resizes a square photograph and puts it on white.
   *
   * @param rgba pixels with straight alpha, (side, side, 4)
   * @param side pixels of a row
   * @param size S
   * @return (3, S, S) in [-1, 1]
   */
  static float[] ofWhole(byte[] rgba, int side, int size) {
    byte[] resized = rgba;
    if (side != size) {
      byte[] premultiplied = rgba.clone();
      for (int i = 0; i < rgba.length; i++) {
        if (i % 4 != 3) {
          int product = (rgba[i] & 255) * (rgba[i | 3] & 255) + 128;
          premultiplied[i] = (byte) (((product >> 8) + product) >> 8);
        }
      }
      resized = LanczosResize.resize(new Bytes(premultiplied, side, side, 4), size, size).values();
      for (int i = 0; i < resized.length; i++) {
        int alpha = resized[i | 3] & 255;
        if (i % 4 != 3 && alpha > 0 && alpha < 255) {
          resized[i] = (byte) Math.min(255, 255 * (resized[i] & 255) / alpha);
        }
      }
    }
    float[] image = new float[3 * size * size];
    for (int i = 0; i < image.length; i++) {
      int pixel = 4 * (i % (size * size));
      float alpha = (resized[pixel + 3] & 255) / 255f;
      float value = (resized[pixel + i / (size * size)] & 255) / 255f;
      image[i] = 2 * (alpha * value + (1 - alpha)) - 1;
    }
    return image;
  }
}
