package ai.fresnel.cvs.train.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Image files of kinds that Java does not write by itself. */
final class TestImages {

  private TestImages() {}

  static byte[] png(BufferedImage image) throws IOException {
    return encoded(image, "png");
  }

  static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (!ImageIO.write(image, format, out)) {
      throw new IOException("no writer of " + format);
    }
    return out.toByteArray();
  }

  /** Grey or colours with samples of 8 or 16 bits, all pixels alike. */
  static BufferedImage samples(int width, int height, int bits, int... samples) {
    boolean grey = samples.length <= 2;
    boolean alpha = samples.length % 2 == 0;
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(grey ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB),
            alpha,
            false,
            alpha ? BufferedImage.TRANSLUCENT : BufferedImage.OPAQUE,
            bits == 8 ? DataBuffer.TYPE_BYTE : DataBuffer.TYPE_USHORT);
    WritableRaster raster = model.createCompatibleWritableRaster(width, height);
    for (int i = 0; i < width * height; i++) {
      raster.setPixel(i % width, Math.floorDiv(i, width), samples);
    }
    return new BufferedImage(model, raster, false, null);
  }

  /** A PNG of its parts, all rows the same. */
  static byte[] png(int width, int height, int depth, int colourType, byte[] row, byte[]... chunks)
      throws IOException {
    byte[][] rows = new byte[height][];
    Arrays.fill(rows, row);
    return png(width, depth, colourType, rows, chunks);
  }

  /** A PNG of its parts. */
  static byte[] png(int width, int depth, int colourType, byte[][] rows, byte[]... chunks)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(rows.length);
    out.write(chunk("IHDR", header.put((byte) depth).put((byte) colourType).array()));
    for (byte[] chunk : chunks) {
      out.write(chunk);
    }
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(compressed)) {
      for (byte[] row : rows) {
        deflater.write(0);
        deflater.write(row);
      }
    }
    out.write(chunk("IDAT", compressed.toByteArray()));
    out.write(chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  static byte[] chunk(String type, byte[] data) {
    ByteBuffer chunk = ByteBuffer.allocate(data.length + 12).putInt(data.length);
    chunk.put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 sum = new CRC32();
    sum.update(chunk.array(), 4, data.length + 4);
    return chunk.putInt((int) sum.getValue()).array();
  }

  /** Puts a chunk after the header of a PNG. */
  static byte[] withChunk(byte[] png, String type, byte[] data) {
    byte[] chunk = chunk(type, data);
    ByteBuffer out = ByteBuffer.allocate(png.length + chunk.length);
    return out.put(png, 0, 33).put(chunk).put(png, 33, png.length - 33).array();
  }

  /** A chunk of text that expands to a number of megabytes. */
  static byte[] bomb(String type, String before, int megabytes) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.write(before.getBytes(StandardCharsets.ISO_8859_1));
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(data)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < megabytes; i++) {
        deflater.write(zeros);
      }
    }
    return chunk(type, data.toByteArray());
  }

  /** A JPEG of four components as they are given, with Adobe's segment or without it. */
  static byte[] inks(int width, int height, int adobe, int... samples) throws IOException {
    WritableRaster raster =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, height, 4, null);
    for (int i = 0; i < width * height; i++) {
      raster.setPixel(i % width, Math.floorDiv(i, width), samples);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(raster, null, null), null);
    } finally {
      writer.dispose();
    }
    if (adobe < 0) {
      return out.toByteArray();
    }
    ByteBuffer segment = ByteBuffer.allocate(12).put("Adobe".getBytes(StandardCharsets.US_ASCII));
    segment.putShort((short) 100).putInt(0).put((byte) adobe);
    return withSegment(out.toByteArray(), 0xEE, segment.array());
  }

  /** Puts a segment after the first marker of a JPEG. */
  static byte[] withSegment(byte[] jpeg, int marker, byte[] data) {
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + data.length + 4).put(jpeg, 0, 2);
    out.put((byte) 0xFF).put((byte) marker).putShort((short) (data.length + 2)).put(data);
    return out.put(jpeg, 2, jpeg.length - 2).array();
  }

  /** A segment with a colour profile of four inks that makes everything one colour, in L*a*b*. */
  static byte[] inkProfile(int lightness, int a, int b) {
    byte[] toLab =
        table(
            4, 3, new byte[] {(byte) (lightness * 255 / 100), (byte) (a + 128), (byte) (b + 128)});
    byte[] toInks = table(3, 4, new byte[4]);
    int tags = 128 + 4 + 2 * 12;
    int size = tags + toLab.length + toInks.length;
    ByteBuffer profile = ByteBuffer.allocate(14 + size);
    profile.put("ICC_PROFILE\0\1\1".getBytes(StandardCharsets.US_ASCII)).putInt(size);
    profile.putInt(0).putInt(0x02400000);
    profile.put("prtrCMYKLab ".getBytes(StandardCharsets.US_ASCII));
    profile.position(14 + 36).put("acsp".getBytes(StandardCharsets.US_ASCII));
    // The white of D50.
    profile.position(14 + 68).putInt(0xF6D6).putInt(0x10000).putInt(0xD32D);
    profile.position(14 + 128).putInt(2);
    profile.put("A2B0".getBytes(StandardCharsets.US_ASCII)).putInt(tags).putInt(toLab.length);
    profile.put("B2A0".getBytes(StandardCharsets.US_ASCII));
    profile.putInt(tags + toLab.length).putInt(toInks.length);
    return profile.put(toLab).put(toInks).array();
  }

  /** A table of a profile, the same everywhere. */
  private static byte[] table(int inputs, int outputs, byte[] value) {
    int corners = 1 << inputs;
    ByteBuffer table = ByteBuffer.allocate(48 + 256 * (inputs + outputs) + corners * outputs);
    table.put("mft1".getBytes(StandardCharsets.US_ASCII)).putInt(0);
    table.put((byte) inputs).put((byte) outputs).put((byte) 2).put((byte) 0);
    for (int i = 0; i < 9; i++) {
      table.putInt(i % 4 == 0 ? 0x10000 : 0);
    }
    for (int i = 0; i < inputs * 256; i++) {
      table.put((byte) i);
    }
    for (int i = 0; i < corners; i++) {
      table.put(value);
    }
    for (int i = 0; i < outputs * 256; i++) {
      table.put((byte) i);
    }
    return table.array();
  }
}
