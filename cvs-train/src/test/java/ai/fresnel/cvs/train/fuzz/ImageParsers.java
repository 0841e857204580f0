package ai.fresnel.cvs.train.fuzz;

import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.RgbaImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** The reader of photographs and masks, by format. */
final class ImageParsers {

  private ImageParsers() {}

  /** Reads an image as a photograph: reduced if need be, and turned upright. */
  private static Parser.Reading reading(String file) {
    return root -> {
      ImageFile image = ImageFile.open(root.resolve(file));
      RgbaImage read = image.readUpright(1 << 12);
      if (read.rgba().length != 4 * read.width() * read.height() || read.rgba().length > 1 << 14) {
        throw new AssertionError(read.width() + "×" + read.height() + " pixels were kept");
      }
    };
  }

  private static byte[] progressive() {
    BufferedImage image = new BufferedImage(40, 24, BufferedImage.TYPE_INT_RGB);
    image.setRGB(5, 5, 0xff8020);
    return Packing.bytes(
        out -> {
          ImageWriter writer = ImageIO.getImageWritersByFormatName("jpg").next();
          ImageWriteParam param = writer.getDefaultWriteParam();
          param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
          try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), param);
          }
          writer.dispose();
        });
  }

  /** The TIFF of an EXIF block: a directory of one entry, the orientation, in either order. */
  private static byte[] tiff(ByteOrder order) {
    return ByteBuffer.allocate(26)
        .order(order)
        .putShort((short) (order == ByteOrder.LITTLE_ENDIAN ? 0x4949 : 0x4D4D))
        .putShort((short) 42)
        .putInt(8)
        .putShort((short) 1)
        .putShort((short) 274)
        .putShort((short) 3)
        .putInt(1)
        .putShort((short) 6)
        .putShort((short) 0)
        .putInt(0)
        .array();
  }

  /** Puts a TIFF into a segment after the start of a JPEG. */
  private static UnaryOperator<byte[]> inJpeg(byte[] jpeg) {
    return tiff -> {
      byte[] kept = Arrays.copyOf(tiff, Math.min(tiff.length, 60_000));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(jpeg, 0, 2);
      out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xE1});
      int length = kept.length + 8;
      out.write(length >> 8);
      out.write(length);
      out.writeBytes("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(kept);
      out.write(jpeg, 2, jpeg.length - 2);
      return out.toByteArray();
    };
  }

  /** Puts a TIFF into a chunk after the header of a PNG. */
  private static UnaryOperator<byte[]> inPng(byte[] png) {
    return tiff -> {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(png, 0, 33);
      out.writeBytes(ByteBuffer.allocate(4).putInt(tiff.length).array());
      out.writeBytes("eXIf".getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(tiff);
      out.writeBytes(new byte[4]);
      out.write(png, 33, png.length - 33);
      return Packing.png(out.toByteArray());
    };
  }

  static List<Parser> all() {
    List<String> words = List.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND", "eXIf", "JFIF", "Adobe");
    List<Seed> pngs = new ArrayList<>();
    int[] types = {
      BufferedImage.TYPE_INT_ARGB,
      BufferedImage.TYPE_INT_RGB,
      BufferedImage.TYPE_BYTE_GRAY,
      BufferedImage.TYPE_USHORT_GRAY,
      BufferedImage.TYPE_BYTE_INDEXED,
      BufferedImage.TYPE_BYTE_BINARY
    };
    for (int type : types) {
      byte[] png = Packing.image("png", type, 20, 12);
      pngs.add(Seed.binary("fuzzed.png", png).packed(Packing::png).called("type " + type));
      pngs.add(Seed.binary("fuzzed.png", png).called("type " + type + " raw"));
    }
    byte[] jpeg = Packing.image("jpg", BufferedImage.TYPE_INT_RGB, 40, 24);
    byte[] grey = Packing.image("jpg", BufferedImage.TYPE_BYTE_GRAY, 40, 24);
    byte[] png = Packing.image("png", BufferedImage.TYPE_INT_RGB, 20, 12);
    return List.of(
        new Parser("png", words, pngs, reading("fuzzed.png")),
        new Parser(
            "jpeg",
            words,
            List.of(
                Seed.binary("fuzzed.jpg", jpeg),
                Seed.binary("fuzzed.jpg", grey).called("grey"),
                Seed.binary("fuzzed.jpg", progressive()).called("progressive")),
            reading("fuzzed.jpg")),
        new Parser(
            "exif",
            words,
            List.of(
                Seed.binary("fuzzed.jpg", tiff(ByteOrder.BIG_ENDIAN)).packed(inJpeg(jpeg)),
                Seed.binary("fuzzed.jpg", tiff(ByteOrder.LITTLE_ENDIAN)).packed(inJpeg(jpeg)),
                Seed.binary("fuzzed.jpg", tiff(ByteOrder.LITTLE_ENDIAN)).packed(inPng(png))),
            reading("fuzzed.jpg")),
        new Parser(
            "gif",
            words,
            List.of(
                Seed.binary(
                    "fuzzed.gif", Packing.image("gif", BufferedImage.TYPE_BYTE_INDEXED, 20, 12))),
            reading("fuzzed.gif")),
        new Parser(
            "bmp",
            words,
            List.of(
                Seed.binary("fuzzed.bmp", Packing.image("bmp", BufferedImage.TYPE_INT_RGB, 20, 12)),
                Seed.binary(
                    "fuzzed.bmp", Packing.image("bmp", BufferedImage.TYPE_BYTE_INDEXED, 20, 12))),
            reading("fuzzed.bmp")));
  }
}
