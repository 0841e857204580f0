package ai.fresnel.cvs.train.mesh;

import java.util.ArrayList;
import java.util.List;

/**
 * The image of a surface, continued in both directions, with its mipmaps.
 *
 * <p>Texels are linear light premultiplied by alpha, so that filtering does not darken edges or
 * bleed the colour of invisible texels. v runs upward from the bottom edge of the image, as in OBJ.
 */
public final class Texture {
  /** How an image continues beyond its edges. */
  public enum Wrap {
    /** Begins anew. */
    REPEAT,
    /** Every second copy is mirrored. */
    MIRROR,
    /** The outermost texels go on. */
    CLAMP
  }

  private final List<float[]> levels;
  private final int[] widths;
  private final int[] heights;
  private final boolean alpha;
  private final Wrap across;
  private final Wrap upward;

  private Texture(int width, int height, float[] rgba, boolean alpha) {
    int count = 32 - Integer.numberOfLeadingZeros(Math.max(width, height));
    widths = new int[count];
    heights = new int[count];
    levels = new ArrayList<>();
    levels.add(rgba);
    widths[0] = width;
    heights[0] = height;
    for (int level = 1; level < count; level++) {
      widths[level] = Math.max(1, widths[level - 1] / 2);
      heights[level] = Math.max(1, heights[level - 1] / 2);
      levels.add(
          halve(
              levels.get(level - 1),
              widths[level - 1],
              heights[level - 1],
              widths[level],
              heights[level]));
    }
    this.alpha = alpha;
    across = Wrap.REPEAT;
    upward = Wrap.REPEAT;
  }

  /** Makes a texture that continues another otherwise. */
  private Texture(Texture from, Wrap across, Wrap upward) {
    levels = from.levels;
    widths = from.widths;
    heights = from.heights;
    alpha = from.alpha;
    this.across = across;
    this.upward = upward;
  }

  /**
   * Makes a texture from the pixels of {@code BufferedImage.getRGB}.
   *
   * @param width pixels, at least 1
   * @param height pixels, at least 1
   * @param argb sRGB-encoded 0xAARRGGBB, straight alpha, row by row from the top; width·height
   * @return the texture
   * @throws IllegalArgumentException if the sizes do not agree
   */
  public static Texture of(int width, int height, int[] argb) {
    if (width < 1 || height < 1 || argb.length != (long) width * height) {
      throw new IllegalArgumentException(
          "texture of " + width + "x" + height + " with " + argb.length + " pixels");
    }
    float[] rgba = new float[4 * argb.length];
    boolean alpha = false;
    for (int i = 0; i < argb.length; i++) {
      float a = (argb[i] >>> 24) / 255f;
      alpha |= a < 0.995f;
      rgba[4 * i] = a * Srgb.decode((argb[i] >> 16) & 255);
      rgba[4 * i + 1] = a * Srgb.decode((argb[i] >> 8) & 255);
      rgba[4 * i + 2] = a * Srgb.decode(argb[i] & 255);
      rgba[4 * i + 3] = a;
    }
    return new Texture(width, height, rgba, alpha);
  }

  /**
   * Continues the image otherwise.
   *
   * @param u beyond its left and right edges
   * @param v beyond its upper and lower edges
   * @return a texture that shares the texels
   */
  public Texture wrapped(Wrap u, Wrap v) {
    return u == across && v == upward ? this : new Texture(this, u, v);
  }

  /**
   * Returns the width.
   *
   * @return pixels of the finest level
   */
  public int width() {
    return widths[0];
  }

  /**
   * Returns the height.
   *
   * @return pixels of the finest level
   */
  public int height() {
    return heights[0];
  }

  /**
   * Says whether the texture is translucent anywhere.
   *
   * @return true if any texel is not opaque
   */
  public boolean hasAlpha() {
    return alpha;
  }

  /**
   * Samples the texture, trilinear.
   *
   * @param u 0..1 across, continued beyond as the texture is wrapped
   * @param v 0..1 upward, likewise
   * @param lod 0 for the finest level, 1 for half its size, ...; clipped
   * @param out receives linear premultiplied red, green, blue and alpha in its first four places
   */
  public void sample(float u, float v, float lod, float[] out) {
    float clipped = lod > 0 ? Math.min(lod, widths.length - 1) : 0;
    int level = (int) clipped;
    float next = clipped - level;
    out[0] = out[1] = out[2] = out[3] = 0;
    // Skip a weight below an 8-bit step, to save four texels.
    if (next < 1 / 256f) {
      accumulate(level, u, v, 1, out);
    } else {
      accumulate(level, u, v, 1 - next, out);
      accumulate(level + 1, u, v, next, out);
    }
  }

  private void accumulate(int level, float u, float v, float weight, float[] out) {
    int w = widths[level];
    int h = heights[level];
    float x = within(u, across) * w - 0.5f;
    float y = (1 - within(v, upward)) * h - 0.5f;
    int xf = (int) Math.floor(x);
    int yf = (int) Math.floor(y);
    float fx = x - xf;
    float fy = y - yf;
    int x0 = before(xf, w, across);
    int y0 = before(yf, h, upward);
    int x1 = after(xf, w, across);
    int y1 = after(yf, h, upward);
    float[] t = levels.get(level);
    add(t, 4 * (y0 * w + x0), weight * (1 - fx) * (1 - fy), out);
    add(t, 4 * (y0 * w + x1), weight * fx * (1 - fy), out);
    add(t, 4 * (y1 * w + x0), weight * (1 - fx) * fy, out);
    add(t, 4 * (y1 * w + x1), weight * fx * fy, out);
  }

  /** Brings a coordinate into the image, 0..1. */
  private static float within(float c, Wrap wrap) {
    if (wrap == Wrap.CLAMP) {
      return c > 0 ? Math.min(c, 1) : 0;
    }
    float cell = (float) Math.floor(c);
    float inside = c - cell;
    // Odd cells are mirrored; beyond 2^24 a float cannot tell.
    return wrap == Wrap.MIRROR && (cell % 2 != 0) ? 1 - inside : inside;
  }

  /** Returns the texel of an index from -1 to size - 1. */
  private static int before(int index, int size, Wrap wrap) {
    return index < 0 ? (wrap == Wrap.REPEAT ? size - 1 : 0) : Math.min(index, size - 1);
  }

  /** Returns the texel after an index from -1 to size - 1. */
  private static int after(int index, int size, Wrap wrap) {
    return index + 1 < size ? index + 1 : wrap == Wrap.REPEAT ? 0 : size - 1;
  }

  private static void add(float[] t, int at, float weight, float[] out) {
    out[0] += weight * t[at];
    out[1] += weight * t[at + 1];
    out[2] += weight * t[at + 2];
    out[3] += weight * t[at + 3];
  }

  /** Averages the 2×2 texels (3 at odd sizes) under each coarser one. */
  private static float[] halve(float[] from, int w, int h, int halfW, int halfH) {
    float[] to = new float[4 * halfW * halfH];
    for (int y = 0; y < halfH; y++) {
      int top = y * h / halfH;
      int bottom = Math.max(top + 1, (y + 1) * h / halfH);
      for (int x = 0; x < halfW; x++) {
        int left = x * w / halfW;
        int right = Math.max(left + 1, (x + 1) * w / halfW);
        float weight = 1f / ((bottom - top) * (right - left));
        for (int sy = top; sy < bottom; sy++) {
          for (int sx = left; sx < right; sx++) {
            for (int c = 0; c < 4; c++) {
              to[4 * (y * halfW + x) + c] += weight * from[4 * (sy * w + sx) + c];
            }
          }
        }
      }
    }
    return to;
  }
}
