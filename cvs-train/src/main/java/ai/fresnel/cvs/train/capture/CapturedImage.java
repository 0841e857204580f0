package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.Mask;
import ai.fresnel.cvs.train.image.MaskRule;
import ai.fresnel.cvs.train.image.RgbaImage;
import ai.fresnel.cvs.train.mesh.Srgb;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An image of a capture as linear light premultiplied by alpha, reduced by a whole factor.
 * Coordinates are fractions of the sides, so that a lens for another size of the same image fits.
 */
final class CapturedImage {

  private static final int MAX_SIDE = 16_384;
  private static final long MAX_PIXELS = 1L << 26;

  /** The largest number of stored pixels, whatever factor is asked for. */
  private static final long MAX_KEPT = 1L << 24;

  private final int width;
  private final int height;

  /** (height, width, 4). */
  private final float[] rgba;

  private final Optional<MaskRule> rule;

  private CapturedImage(int width, int height, float[] rgba, Optional<MaskRule> rule) {
    this.width = width;
    this.height = height;
    this.rgba = rgba;
    this.rule = rule;
  }

  /** Returns width and height without decoding. */
  static int[] size(Path file) throws IOException {
    ImageFile image = ImageFile.open(file);
    return new int[] {image.width(), image.height()};
  }

  /**
   * Reads an image and applies its mask, if there is one.
   *
   * @param view the view
   * @param factor by which the sides shrink, at least 1
   */
  static CapturedImage read(CapturedView view, int factor) throws IOException {
    ImageFile file = open(view.image());
    requireShape(file, view.lens());
    Mask mask = null;
    if (view.mask().isPresent()) {
      ImageFile maskFile = open(view.mask().get());
      requireShape(maskFile, view.lens());
      mask = Mask.read(maskFile, MAX_KEPT);
    }
    RgbaImage colours = file.readWithin(MAX_KEPT);
    int w = colours.width();
    int h = colours.height();
    // What was left out while decoding counts.
    int kept = (file.width() + w - 1) / w;
    int n = Math.max(1, Math.min(factor / kept, Math.min(w, h)));
    int width = w / n;
    int height = h / n;
    float[] rgba = new float[4 * width * height];
    float share = 1f / (n * n);
    for (int y = 0; y < n * height; y++) {
      for (int x = 0; x < n * width; x++) {
        int argb = colours.argb(x, y);
        float alpha = (argb >>> 24) / 255f;
        if (mask != null) {
          int mx = (int) ((x + 0.5) * mask.width() / w);
          int my = (int) ((y + 0.5) * mask.height() / h);
          alpha *= mask.coverage(mx, my) / 255f;
        }
        int at = 4 * (y / n * width + x / n);
        rgba[at] += share * alpha * Srgb.decode((argb >> 16) & 255);
        rgba[at + 1] += share * alpha * Srgb.decode((argb >> 8) & 255);
        rgba[at + 2] += share * alpha * Srgb.decode(argb & 255);
        rgba[at + 3] += share * alpha;
      }
    }
    return new CapturedImage(width, height, rgba, Optional.ofNullable(mask).map(Mask::rule));
  }

  /** Refuses a lens whose aspect ratio differs from the image's. */
  private static void requireShape(ImageFile file, CaptureLens lens) throws IOException {
    int w = file.width();
    int h = file.height();
    int lw = lens.pinhole().width();
    int lh = lens.pinhole().height();
    // Reduced sizes are rounded.
    if (Math.abs((double) w / lw - (double) h / lh) > 1.01 / Math.min(lw, lh)) {
      throw new IOException(
          file.name()
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

  /** Returns how the mask says which pixels are the object; empty without a mask. */
  Optional<MaskRule> rule() {
    return rule;
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

  /** Reads a header. Cameras were found for images as they are stored, whatever EXIF says. */
  private static ImageFile open(Path file) throws IOException {
    return ImageFile.open(file).requireSides(MAX_SIDE).requirePixels(MAX_PIXELS);
  }
}
