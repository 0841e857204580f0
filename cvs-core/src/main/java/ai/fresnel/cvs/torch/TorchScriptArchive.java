package ai.fresnel.cvs.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the smallest archive that {@code torch::jit::load} accepts: one module class {@code W}
 * without parameters whose methods are given as TorchScript source.
 *
 * <p>The layout is PyTorch's own ({@code torch/csrc/jit/serialization}): a zip of <em>stored</em>
 * entries under one folder name, a pickled empty module, an empty tuple of constants and the
 * source.
 */
final class TorchScriptArchive {

  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 0x02, 0x29, 0x2E};

  private TorchScriptArchive() {}

  /**
   * Builds the archive.
   *
   * @param methods the methods of the module in TorchScript, indented by two spaces, each with
   *     {@code self: __torch__.W} as its first argument; {@code forward} must be among them
   * @return the bytes of the archive
   */
  static byte[] of(String methods) {
    String code =
        "class W(Module):\n"
            + "  __parameters__ = []\n"
            + "  __buffers__ = []\n"
            + "  training : bool\n"
            + methods;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      store(zip, "w/version", ascii("3\n"));
      store(zip, "w/constants.pkl", EMPTY_TUPLE);
      store(zip, "w/data.pkl", moduleWithoutState());
      store(zip, "w/code/__torch__.py", ascii(code));
    } catch (IOException e) {
      throw new UncheckedIOException("writing an archive in memory failed", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Returns the pickle of an instance of {@code __torch__.W} whose state is {@code {"training":
   * True}}.
   */
  private static byte[] moduleWithoutState() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x80, 0x02});
    out.writeBytes(ascii("c__torch__\nW\n"));
    out.writeBytes(new byte[] {0x71, 0x00, 0x29, (byte) 0x81, 0x7D, 0x28, 0x58, 0x08, 0, 0, 0});
    out.writeBytes(ascii("training"));
    out.writeBytes(new byte[] {0x71, 0x01, (byte) 0x88, 0x75, 0x62, 0x71, 0x03, 0x2E});
    return out.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setCrc(crc.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
