package ai.fresnel.cvs.train.image;

import ai.fresnel.cvs.json.Json;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes the pixels of a file and takes their values as they are stored. {@code
 * BufferedImage.getRGB} would take grey for linear light and brighten it.
 */
final class PixelDecoder {

  /** TwelveMonkeys' readers put themselves before those of the JDK. */
  private static final String OTHERS = "com.twelvemonkeys.";

  private final BufferedImage image;
  private final StoredPixels stored;

  private PixelDecoder(BufferedImage image, StoredPixels stored) {
    this.image = image;
    this.stored = stored;
  }

  /**
   * Decodes.
   *
   * @param bytes the whole file
   * @param header its header
   * @param stepX keeps every such column
   * @param stepY keeps every such row
   * @throws IOException without the file's name, if the file is damaged or cut off
   */
  static PixelDecoder decode(byte[] bytes, ImageHeader header, int stepX, int stepY)
      throws IOException {
    byte[] decodable =
        header.format() == ImageFormat.PNG ? PngScan.pixelChunks(bytes, header.pixels()) : bytes;
    ImageReader reader = reader(header);
    // Java fills missing pixels of a JPEG with grey and only warns.
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    try (ImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(decodable))) {
      reader.setInput(in, true, true);
      ImageReadParam param = reader.getDefaultReadParam();
      param.setSourceSubsampling(stepX, stepY, 0, 0);
      BufferedImage image =
          header.pixels() instanceof StoredPixels.Inks inks && !inks.profile()
              ? InkImage.of(reader.readRaster(0, param), inks)
              : reader.read(0, param);
      for (String warning : warnings) {
        if (warning.contains("remature end") || warning.contains("Huffman")) {
          throw ImageHeader.cutOff();
        }
      }
      return new PixelDecoder(image, header.pixels());
    } catch (RuntimeException e) {
      // Java's decoders throw unchecked exceptions, in words of their own, for some damaged files.
      throw new IOException("damaged image (its parts do not fit together)", e);
    } catch (EOFException e) {
      throw ImageHeader.cutOff();
    } catch (IOException e) {
      String message = e.getMessage() == null ? "unreadable" : Json.firstLine(e);
      throw message.startsWith("damaged image")
          ? e
          : new IOException("damaged image (" + message + ")", e);
    } finally {
      reader.dispose();
    }
  }

  /** Returns the JDK's reader, or TwelveMonkeys' for inks with a colour profile. */
  private static ImageReader reader(ImageHeader header) throws IOException {
    boolean inks = header.pixels() instanceof StoredPixels.Inks stored && stored.profile();
    Iterator<ImageReader> readers =
        ImageIO.getImageReadersByFormatName(header.format().name().toLowerCase(Locale.ROOT));
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getName().startsWith(OTHERS) == inks) {
        return reader;
      }
    }
    throw new IOException("this Java has no reader of " + header.format() + " files");
  }

  /** Returns each pixel's number in the palette; null if the file has none. */
  byte[] indices() {
    if (!(stored instanceof StoredPixels.Palette)
        || !(image.getColorModel() instanceof IndexColorModel)) {
      return null;
    }
    Raster raster = image.getRaster();
    int width = raster.getWidth();
    byte[] indices = new byte[width * raster.getHeight()];
    int[] row = new int[width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(0, y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        indices[y * width + x] = (byte) row[x];
      }
    }
    return indices;
  }

  /** Returns the pixels; samples of 16 bits are rounded to 8. */
  RgbaImage rgba() {
    return rgba(highest());
  }

  /**
   * Returns the pixels as {@link #rgba} does, but samples of 16 bits as they are if all fit into 8:
   * then they number objects and are no shades.
   */
  RgbaImage numbers() {
    Raster raster = image.getRaster();
    if (highest() != 0xFFFF || raster.getNumBands() != 1) {
      return rgba();
    }
    int[] row = new int[raster.getWidth()];
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int sample : raster.getSamples(0, y, row.length, 1, 0, row)) {
        if (sample > 255) {
          return rgba();
        }
      }
    }
    return rgba(255);
  }

  private int highest() {
    return (1 << image.getSampleModel().getSampleSize(0)) - 1;
  }

  private RgbaImage rgba(int highest) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgba = new byte[4 * width * height];
    if (isByValue()) {
      byValue(rgba, highest);
    } else {
      int[] row = new int[width];
      for (int y = 0; y < height; y++) {
        image.getRGB(0, y, width, 1, row, 0, width);
        for (int x = 0; x < width; x++) {
          int at = 4 * (y * width + x);
          rgba[at] = (byte) (row[x] >> 16);
          rgba[at + 1] = (byte) (row[x] >> 8);
          rgba[at + 2] = (byte) row[x];
          rgba[at + 3] = (byte) (row[x] >>> 24);
        }
      }
    }
    if (stored instanceof StoredPixels.Keyed keyed) {
      hide(keyed.key(), rgba);
    }
    return RgbaImage.of(width, height, rgba);
  }

  /** Palettes and packed pixels of bitmaps are sRGB already; samples are taken one by one. */
  private boolean isByValue() {
    return image.getColorModel() instanceof ComponentColorModel model
        && (model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
            || model.getComponentSize(0) == 16);
  }

  private void byValue(byte[] rgba, int highest) {
    Raster raster = image.getRaster();
    int width = raster.getWidth();
    int bands = raster.getNumBands();
    boolean grey = bands <= 2;
    int[] row = new int[bands * width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int at = 4 * (y * width + x);
        for (int c = 0; c < 3; c++) {
          rgba[at + c] = rounded(row[bands * x + (grey ? 0 : c)], highest);
        }
        rgba[at + 3] = bands % 2 == 0 ? rounded(row[bands * x + bands - 1], highest) : (byte) 255;
      }
    }
  }

  private static byte rounded(int value, int highest) {
    return (byte) ((value * 255L + highest / 2) / highest);
  }

  /** Makes the pixels transparent whose samples, as stored, are the key. */
  private void hide(List<Integer> key, byte[] rgba) {
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int[] pixel = new int[bands];
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int x = 0; x < raster.getWidth(); x++) {
        raster.getPixel(x, y, pixel);
        boolean same = true;
        for (int c = 0; c < key.size(); c++) {
          same &= pixel[c] == key.get(c);
        }
        if (same) {
          rgba[4 * (y * raster.getWidth() + x) + 3] = 0;
        }
      }
    }
  }
}
