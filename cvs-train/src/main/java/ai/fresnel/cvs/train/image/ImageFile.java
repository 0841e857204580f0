package ai.fresnel.cvs.train.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * An image file from anywhere: PNG, JPEG, GIF or BMP, recognised by its content.
 *
 * <p>Opening looks at the header alone. It refuses files of more than 256 MiB and images of more
 * than 2²⁸ pixels. Decoding is strict: a file that is cut off, or too short to hold the pixels that
 * it claims, is an error, never a half grey image. Large images may be decoded at a fraction of
 * their size, so that memory follows what is kept, not what the file claims.
 *
 * <p>Values are those of the file. Grey stays as it is stored, with alpha or without; samples of 16
 * bits are rounded to 8. JPEGs of four inks (CMYK, YCCK) become sRGB: by the colour profile in the
 * file, else by the plain product of ink and black. Profiles, texts and other compressed metadata
 * of a PNG are never expanded.
 *
 * <p>Every failure is an {@link UnreadableImageException} or another {@link IOException} with one
 * line that begins with the file's name.
 */
public final class ImageFile {

  /** The most bytes of a file. */
  public static final int MAX_BYTES = 1 << 28;

  /** The most pixels of an image, whatever is kept of them. */
  public static final long MAX_PIXELS = 1L << 28;

  private final String name;
  private final byte[] bytes;
  private final ImageHeader header;

  private ImageFile(String name, byte[] bytes, ImageHeader header) {
    this.name = name;
    this.bytes = bytes;
    this.header = header;
  }

  /**
   * Opens a file and reads its header.
   *
   * @param file the file
   * @return the image, not decoded yet
   * @throws IOException naming the file if it is missing, too large, damaged or no image
   */
  public static ImageFile open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UnreadableImageException(
          file.toString(), Files.exists(file) ? "is no file, expected an image" : "is missing");
    }
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new UnreadableImageException(
          file.toString(), size + " bytes, expected at most " + MAX_BYTES);
    }
    return of(file.toString(), Files.readAllBytes(file));
  }

  /**
   * Reads the header of an image in memory.
   *
   * @param name the name for errors
   * @param bytes the whole file; not copied
   * @return the image, not decoded yet
   * @throws UnreadableImageException if it is too large, damaged or no image
   */
  public static ImageFile of(String name, byte[] bytes) throws UnreadableImageException {
    ImageHeader header;
    try {
      header = ImageHeader.of(bytes);
    } catch (IOException e) {
      throw new UnreadableImageException(name, e.getMessage(), e);
    }
    return new ImageFile(name, bytes, header).requirePixels(MAX_PIXELS);
  }

  /**
   * Returns the name for errors.
   *
   * @return the file's path, as given
   */
  public String name() {
    return name;
  }

  /**
   * Returns the format.
   *
   * @return the format of the content
   */
  public ImageFormat format() {
    return header.format();
  }

  /**
   * Returns the width.
   *
   * @return pixels, as stored
   */
  public int width() {
    return header.width();
  }

  /**
   * Returns the height.
   *
   * @return pixels, as stored
   */
  public int height() {
    return header.height();
  }

  /**
   * Refuses larger images.
   *
   * @param most the most pixels
   * @return this
   * @throws UnreadableImageException if the image has more
   */
  public ImageFile requirePixels(long most) throws UnreadableImageException {
    if ((long) width() * height() > most) {
      throw refused("expected at most " + most + " in all");
    }
    return this;
  }

  /**
   * Refuses longer images.
   *
   * @param most the most pixels of a side
   * @return this
   * @throws UnreadableImageException if a side has more
   */
  public ImageFile requireSides(int most) throws UnreadableImageException {
    if (Math.max(width(), height()) > most) {
      throw refused("expected at most " + most + " a side");
    }
    return this;
  }

  private UnreadableImageException refused(String expected) {
    return new UnreadableImageException(
        name,
        String.format(Locale.ROOT, "image has %d×%d pixels, %s", width(), height(), expected));
  }

  /**
   * Decodes the image as it is stored.
   *
   * @return all pixels
   * @throws UnreadableImageException if the file is damaged or cut off, or memory is short
   */
  public RgbaImage read() throws UnreadableImageException {
    return read(1, 1);
  }

  /**
   * Decodes every n-th column and row of the image as it is stored, from the first on.
   *
   * @param stepX columns from one that is kept to the next, at least 1
   * @param stepY rows, at least 1
   * @return ⌈width / stepX⌉ × ⌈height / stepY⌉ pixels
   * @throws UnreadableImageException if the file is damaged or cut off, or memory is short
   */
  public RgbaImage read(int stepX, int stepY) throws UnreadableImageException {
    return decode(stepX, stepY).rgba();
  }

  /**
   * Decodes the image as it is stored, or as little of it as is wanted: every second, third, ...
   * column and row.
   *
   * @param most the most pixels to keep, at least 1
   * @return the image, with both sides divided by the least whole number that keeps the limit
   * @throws UnreadableImageException if the file is damaged or cut off, or memory is short
   */
  public RgbaImage readWithin(long most) throws UnreadableImageException {
    int step = stepWithin(most);
    return read(step, step);
  }

  /**
   * Decodes the image as {@link #readWithin} does and turns it upright by its EXIF data.
   *
   * @param most the most pixels to keep, at least 1
   * @return the image
   * @throws UnreadableImageException if the file is damaged or cut off, or memory is short
   */
  public RgbaImage readUpright(long most) throws UnreadableImageException {
    return upright(readWithin(most));
  }

  RgbaImage upright(RgbaImage stored) {
    return ExifOrientation.upright(stored, header.orientation());
  }

  int stepWithin(long most) {
    int step = 1;
    while ((width() + step - 1L) / step * ((height() + step - 1L) / step) > most) {
      step++;
    }
    return step;
  }

  PixelDecoder decode(int stepX, int stepY) throws UnreadableImageException {
    if (header.damage().isPresent()) {
      throw new UnreadableImageException(name, header.damage().get());
    }
    try {
      return PixelDecoder.decode(bytes, header, stepX, stepY);
    } catch (IOException e) {
      throw new UnreadableImageException(name, e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      throw new UnreadableImageException(
          name, "not enough memory for " + width() + "×" + height() + " pixels", e);
    }
  }
}
