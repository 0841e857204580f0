package ai.fresnel.cvs.train.fuzz;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Makes sound containers around any content, so that damage reaches what is inside. */
final class Packing {

  private Packing() {}

  interface Writing {
    void write(ByteArrayOutputStream out) throws IOException;
  }

  /** Collects bytes; there is no file, so nothing can fail. */
  static byte[] bytes(Writing writing) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writing.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] gzip(byte[] content) {
    return bytes(
        out -> {
          try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
          }
        });
  }

  /** Writes a zip file of stored entries, as PyTorch does, or of compressed ones. */
  static byte[] zip(Map<String, byte[]> files, boolean stored) {
    return bytes(
        out -> {
          try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
              ZipEntry entry = new ZipEntry(file.getKey());
              entry.setTime(0);
              if (stored) {
                CRC32 sum = new CRC32();
                sum.update(file.getValue());
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(file.getValue().length);
                entry.setCrc(sum.getValue());
              }
              zip.putNextEntry(entry);
              zip.write(file.getValue());
              zip.closeEntry();
            }
          }
        });
  }

  /** Reads a zip file by its directory: the class library reads no stream that PyTorch wrote. */
  static Map<String, byte[]> unzip(byte[] content) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try {
      Path path = Files.createTempFile("cvs-fuzz", ".zip");
      Files.write(path, content);
      try (ZipFile zip = new ZipFile(path.toFile())) {
        for (ZipEntry entry : Collections.list(zip.entries())) {
          try (InputStream in = zip.getInputStream(entry)) {
            files.put(entry.getName(), in.readAllBytes());
          }
        }
      }
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** Returns a copy with one file replaced. */
  static Map<String, byte[]> with(Map<String, byte[]> files, String name, byte[] content) {
    Map<String, byte[]> changed = new LinkedHashMap<>(files);
    changed.put(name, content);
    return changed;
  }

  /** Writes a GLB of JSON and a binary chunk. */
  static byte[] glb(byte[] json, byte[] data) {
    byte[] padded = Arrays.copyOf(json, (json.length + 3) / 4 * 4);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    byte[] chunk = Arrays.copyOf(data, (data.length + 3) / 4 * 4);
    ByteBuffer file =
        ByteBuffer.allocate(28 + padded.length + chunk.length).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0x46546C67).putInt(2).putInt(file.capacity());
    file.putInt(padded.length).putInt(0x4E4F534A).put(padded);
    file.putInt(chunk.length).putInt(0x004E4942).put(chunk);
    return file.array();
  }

  /** Writes a tar file (ustar) with sound checksums, whatever the names. */
  static byte[] tar(Map<String, byte[]> files) {
    return bytes(
        out -> {
          for (Map.Entry<String, byte[]> file : files.entrySet()) {
            out.write(tarHeader(file.getKey(), file.getValue().length, '0', ""));
            out.write(Arrays.copyOf(file.getValue(), (file.getValue().length + 511) / 512 * 512));
          }
          out.write(new byte[1024]);
        });
  }

  /**
   * Writes one header of a tar file.
   *
   * @param name at most 100 bytes are kept
   * @param size that it claims
   * @param type 0 for a file, 1 for a link, 2 for a symbolic one
   * @param link target of the link
   */
  static byte[] tarHeader(String name, long size, char type, String link) {
    byte[] header = new byte[512];
    put(header, 0, 100, name);
    put(header, 100, 8, "0000644");
    put(header, 108, 8, "0000000");
    put(header, 116, 8, "0000000");
    put(header, 124, 12, String.format("%011o", size));
    put(header, 136, 12, "00000000000");
    header[156] = (byte) type;
    put(header, 157, 100, link);
    put(header, 257, 8, "ustar\00000");
    return summed(header);
  }

  private static void put(byte[] header, int at, int length, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, Math.min(length, bytes.length));
  }

  /** Sets the checksum of a tar header. */
  static byte[] summed(byte[] header) {
    byte[] whole = Arrays.copyOf(header, 512);
    Arrays.fill(whole, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte value : whole) {
      sum += value & 255;
    }
    put(whole, 148, 8, String.format("%06o\0 ", sum));
    return whole;
  }

  /** Sets the checksums of a PNG's chunks, as far as their lengths hold. */
  static byte[] png(byte[] damaged) {
    byte[] png = damaged.clone();
    ByteBuffer bytes = ByteBuffer.wrap(png);
    for (int at = 8; at + 12 <= png.length; ) {
      int length = bytes.getInt(at);
      if (length < 0 || length > png.length - at - 12) {
        break;
      }
      CRC32 sum = new CRC32();
      sum.update(png, at + 4, length + 4);
      bytes.putInt(at + 8 + length, (int) sum.getValue());
      at += 12 + length;
    }
    return png;
  }

  /** Encodes a small image with a square on nothing. */
  static byte[] image(String format, int type, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = height / 4; y < height - height / 4; y++) {
      for (int x = width / 4; x < width - width / 4; x++) {
        // A grey image is a mask: white.
        int colour = ((x * 11) << 16) | ((y * 13) << 8) | 90;
        image.setRGB(x, y, type == BufferedImage.TYPE_BYTE_GRAY ? -1 : 0xff000000 | colour);
      }
    }
    return bytes(
        out -> {
          if (!ImageIO.write(image, format, out)) {
            throw new IOException("no writer of " + format);
          }
        });
  }
}
