package ai.fresnel.cvs.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Builds safetensors files byte by byte, from the description of the format alone. */
final class SafetensorsBytes {
  private SafetensorsBytes() {}

  /** Eight bytes of length, the header, the data. */
  static byte[] bytes(String header, byte... data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  static Path write(Path folder, byte[] bytes) throws IOException {
    return Files.write(folder.resolve("x.safetensors"), bytes);
  }

  /** Header entry of one tensor; single quotes stand for double ones. */
  static String entry(String name, String dtype, String shape, long begin, long end) {
    return json(
        "'%s':{'dtype':'%s','shape':%s,'data_offsets':[%d,%d]}"
            .formatted(name, dtype, shape, begin, end));
  }

  static String json(String text) {
    return text.replace('\'', '"');
  }
}
