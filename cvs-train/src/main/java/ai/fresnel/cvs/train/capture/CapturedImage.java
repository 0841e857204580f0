package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.mesh.Srgb;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * An image of a capture as linear light premultiplied by alpha, reduced by a whole factor.
 * Coordinates are fractions of the sides, so that a lens for another size of the same image fits.
 */
final class CapturedImage {

  private static final long MAX_BYTES = 1L << 28;
  private static final int MAX_SIDE = 16_384;
  private static final long MAX_PIXELS = 1L << 26;

  /** The largest number of stored values, whatever factor is asked for. */
  private static final long MAX_KEPT = 1L << 24;

  private final int width;
  private final int height;

  /** (height, width, 4). */
  private final float[] rgba;

  private CapturedImage(int width, int height, float[] rgba) {
    this.width = width;
    this.height = height;
    this.rgba = rgba;
  }

  /** Returns width and height without decoding. */
  static int[] size(Path file) throws IOException {
    return with(file, reader -> new int[] {reader.getWidth(0), reader.getHeight(0)});
  }

  /**
   * Reads an image and applies its mask, if there is one.
   *
   * @param view the view
   * @param factor by which the sides shrink, at least 1
   */
  static CapturedImage read(CapturedView view, int factor) throws IOException {
    BufferedImage colours = decode(view.image());
    BufferedImage mask = view.mask().isPresent() ? decode(view.mask().get()) : null;
    int w = colours.getWidth();
    int h = colours.getHeight();
    requireShape(view.image(), w, h, view.lens());
    if (mask != null) {
      requireShape(view.mask().get(), mask.getWidth(), mask.getHeight(), view.lens());
    }
    int least = (int) Math.ceil(Math.sqrt((double) w * h / MAX_KEPT));
    int n = Math.max(Math.max(1, least), Math.min(factor, Math.min(w, h)));
    int width = w / n;
    int height = h / n;
    float[] rgba = new float[4 * width * height];
    int[] row = new int[w];
    float share = 1f / (n * n);
    for (int y = 0; y < n * height; y++) {
      colours.getRGB(0, y, w, 1, row, 0, w);
      for (int x = 0; x < n * width; x++) {
        float alpha = (row[x] >>> 24) / 255f;
        if (mask != null) {
          int mx = (int) ((x + 0.5) * mask.getWidth() / w);
          int my = (int) ((y + 0.5) * mask.getHeight() / h);
          alpha *= (mask.getRGB(mx, my) & 255) / 255f;
        }
        int at = 4 * (y / n * width + x / n);
        rgba[at] += share * alpha * Srgb.decode((row[x] >> 16) & 255);
        rgba[at + 1] += share * alpha * Srgb.decode((row[x] >> 8) & 255);
        rgba[at + 2] += share * alpha * Srgb.decode(row[x] & 255);
        rgba[at + 3] += share * alpha;
      }
    }
    return new CapturedImage(width, height, rgba);
  }

  /** Refuses a lens whose aspect ratio differs from the image's. */
  private static void requireShape(Path file, int w, int h, CaptureLens lens) throws IOException {
    int lw = lens.pinhole().width();
    int lh = lens.pinhole().height();
    // Reduced sizes are rounded.
    if (Math.abs((double) w / lw - (double) h / lh) > 1.01 / Math.min(lw, lh)) {
      throw new IOException(
          file
              + ": "
              + w
              + "×"
              + h
              + " pixels, expected the shape "
              + lw
              + "×"
              + lh
              + " of its lens");
    }
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  float alpha(int x, int y) {
    return rgba[4 * (y * width + x) + 3];
  }

  /** Adds the light at a point, interpolated bilinearly; adds nothing outside the image. */
  void sample(double u, double v, float[] sum) {
    double x = u * width - 0.5;
    double y = v * height - 0.5;
    if (!(x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5)) {
      return;
    }
    int x0 = (int) Math.floor(x);
    int y0 = (int) Math.floor(y);
    float fx = (float) (x - x0);
    float fy = (float) (y - y0);
    add(x0, y0, (1 - fx) * (1 - fy), sum);
    add(x0 + 1, y0, fx * (1 - fy), sum);
    add(x0, y0 + 1, (1 - fx) * fy, sum);
    add(x0 + 1, y0 + 1, fx * fy, sum);
  }

  private void add(int x, int y, float weight, float[] sum) {
    int cx = Math.max(0, Math.min(width - 1, x));
    int cy = Math.max(0, Math.min(height - 1, y));
    int at = 4 * (cy * width + cx);
    for (int c = 0; c < 4; c++) {
      sum[c] += weight * rgba[at + c];
    }
  }

  private static BufferedImage decode(Path file) throws IOException {
    return with(
        file,
        reader -> {
          int w = reader.getWidth(0);
          int h = reader.getHeight(0);
          if (w > MAX_SIDE || h > MAX_SIDE || (long) w * h > MAX_PIXELS) {
            throw new IOException("image of " + w + "×" + h + " pixels, too large");
          }
          return reader.read(0);
        });
  }

  private interface Use<T> {
    T of(ImageReader reader) throws IOException;
  }

  private static <T> T with(Path file, Use<T> use) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": is missing");
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file + ": more than " + MAX_BYTES + " bytes");
    }
    byte[] bytes = Files.readAllBytes(file);
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("not an image this Java can read");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return use.of(reader);
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      // The decoders of the class library throw unchecked exceptions for some damaged files.
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }
}
