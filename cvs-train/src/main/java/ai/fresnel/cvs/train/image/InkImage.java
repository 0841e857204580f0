package ai.fresnel.cvs.train.image;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;

/**
 * Converts four inks without a colour profile to sRGB: each channel is the light that its ink and
 * the black one let through. That is what most tools do, and the same on every machine; a profile
 * of the system's would not be.
 */
final class InkImage {

  private InkImage() {}

  /**
   * Converts.
   *
   * @param raster four bands, as stored
   * @param inks how they are stored
   * @return the image in sRGB
   */
  static BufferedImage of(Raster raster, StoredPixels.Inks inks) {
    int width = raster.getWidth();
    BufferedImage image =
        new BufferedImage(width, raster.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    int[] row = new int[4 * width];
    int[] rgb = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        rgb[x] = rgb(row, 4 * x, inks);
      }
      image.setRGB(0, y, width, 1, rgb, 0, width);
    }
    return image;
  }

  private static int rgb(int[] row, int at, StoredPixels.Inks inks) {
    double first = row[at];
    double second = row[at + 1];
    double third = row[at + 2];
    if (inks.ycck()) {
      // JFIF's matrix; 255 less red is cyan as it is stored, inverted or not.
      double cb = second - 128;
      double cr = third - 128;
      third = 255 - (first + 1.772 * cb);
      second = 255 - (first - 0.344136 * cb - 0.714136 * cr);
      first = 255 - (first + 1.402 * cr);
    }
    int black = row[at + 3];
    return 0xFF000000
        | channel(first, black, inks.inverted()) << 16
        | channel(second, black, inks.inverted()) << 8
        | channel(third, black, inks.inverted());
  }

  private static int channel(double ink, int black, boolean inverted) {
    double clipped = Math.min(255, Math.max(0, ink));
    double light = inverted ? clipped * black : (255 - clipped) * (255 - black);
    return (int) Math.round(light / 255);
  }
}
