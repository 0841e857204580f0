package ai.fresnel.cvs.train.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Walks the chunks of a PNG. Only those that hold pixels reach the decoder: profiles and texts are
 * compressed and could expand to gigabytes.
 */
final class PngScan {

  private static final int SIGNATURE = 8;
  private static final int IHDR = 0x49484452;
  private static final int PLTE = 0x504C5445;
  private static final int TRNS = 0x74524E53;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  private static final int EXIF = 0x65584966;
  private static final Set<Integer> KEPT = Set.of(IHDR, PLTE, TRNS, IDAT, IEND);

  private static final int GRAY = 0;
  private static final int RGB = 2;
  private static final int INDEXED = 3;
  private static final int GRAY_ALPHA = 4;
  private static final int RGBA = 6;

  /** The most that deflate can compress. */
  private static final long MOST_RATIO = 1040;

  private final byte[] bytes;
  private int width;
  private int height;
  private int depth;
  private int colourType = -1;
  private int orientation = 1;
  private int channels;
  private boolean ended;
  private StoredPixels keyed;

  private PngScan(byte[] bytes) {
    this.bytes = bytes;
  }

  static ImageHeader header(byte[] bytes) throws IOException {
    return new PngScan(bytes).header();
  }

  /** Returns a PNG of the chunks that hold pixels. Call {@link #header} first: it checks them. */
  static byte[] pixelChunks(byte[] bytes, StoredPixels pixels) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
    kept.write(bytes, 0, SIGNATURE);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int at = SIGNATURE;
    while (at + 12 <= bytes.length) {
      int length = in.getInt(at);
      int type = in.getInt(at + 4);
      // A key is applied to the samples as they are stored, in one way for all kinds of them.
      if (KEPT.contains(type) && !(type == TRNS && !(pixels instanceof StoredPixels.Palette))) {
        kept.write(bytes, at, length + 12);
      }
      if (type == IEND) {
        break;
      }
      at += length + 12;
    }
    return kept.toByteArray();
  }

  private ImageHeader header() throws IOException {
    Optional<String> damage = Optional.empty();
    try {
      walk();
    } catch (IOException e) {
      damage = Optional.of(e.getMessage());
    }
    if (colourType < 0) {
      throw damage.isPresent() ? new IOException(damage.get()) : ImageHeader.cutOff();
    }
    ImageHeader.requireSize(width, height);
    return new ImageHeader(
        ImageFormat.PNG, width, height, orientation, pixels(), damage.or(this::damage));
  }

  private Optional<String> damage() {
    if (!ended) {
      return Optional.of(ImageHeader.cutOff().getMessage());
    }
    double row = 1 + Math.ceil((double) width * channels * depth / 8);
    return ImageHeader.implausible(width, height, row * height / MOST_RATIO, bytes.length);
  }

  private void walk() throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int at = SIGNATURE;
    while (!ended && at + 12 <= bytes.length) {
      int length = in.getInt(at);
      int type = in.getInt(at + 4);
      if (length < 0 || length > bytes.length - at - 12) {
        throw ImageHeader.cutOff();
      }
      if (KEPT.contains(type)) {
        requireSum(in, at, length);
      }
      if ((type == IHDR) != (colourType < 0)) {
        throw ImageHeader.damaged("its header is not in one place");
      }
      try {
        chunk(type, in.slice(at + 8, length));
      } catch (BufferUnderflowException e) {
        throw ImageHeader.damaged("a part of its header is too short");
      }
      ended = type == IEND;
      at += length + 12;
    }
  }

  private void chunk(int type, ByteBuffer data) throws IOException {
    switch (type) {
      case IHDR -> begin(data);
      case EXIF -> orientation = ExifOrientation.ofTiff(data);
      case TRNS -> {
        if (colourType == GRAY) {
          keyed = new StoredPixels.Keyed(List.of(data.getChar() & mask()));
        } else if (colourType == RGB) {
          keyed =
              new StoredPixels.Keyed(
                  List.of(
                      data.getChar() & mask(), data.getChar() & mask(), data.getChar() & mask()));
        }
      }
      default -> {}
    }
  }

  private void begin(ByteBuffer data) throws IOException {
    width = data.getInt();
    height = data.getInt();
    depth = data.get();
    int type = data.get();
    channels =
        switch (type) {
          case GRAY, INDEXED -> 1;
          case GRAY_ALPHA -> 2;
          case RGB -> 3;
          case RGBA -> 4;
          default -> throw ImageHeader.damaged("colour type " + type);
        };
    if (depth < 1 || depth > 16 || Integer.bitCount(depth) != 1) {
      throw ImageHeader.damaged("samples of " + depth + " bits");
    }
    colourType = type;
  }

  private int mask() {
    return (1 << depth) - 1;
  }

  private StoredPixels pixels() {
    if (keyed != null) {
      return keyed;
    }
    return colourType == INDEXED ? new StoredPixels.Palette() : new StoredPixels.Plain();
  }

  private void requireSum(ByteBuffer in, int at, int length) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(bytes, at + 4, length + 4);
    if ((int) sum.getValue() != in.getInt(at + 8 + length)) {
      throw ImageHeader.damaged("a check sum is wrong");
    }
  }
}
