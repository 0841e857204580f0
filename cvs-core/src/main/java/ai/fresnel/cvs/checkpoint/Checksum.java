package ai.fresnel.cvs.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The checksum of a safetensors file: CRC-32C of its header, with {@link #NONE} in the place of the
 * checksum, and of its data. It finds every flipped bit, and other damage with near certainty.
 */
final class Checksum {

  /** The name of the checksum in the metadata. */
  static final String NAME = "crc32c";

  /** The text in the place of a checksum that is not known yet. */
  static final String NONE = "00000000";

  private final CRC32C sum = new CRC32C();

  private Checksum() {}

  /** Starts with a header. */
  static Checksum of(SafetensorsHeader header) {
    Checksum started = new Checksum();
    started.sum.update(header.withChecksum(NONE).toJson().getBytes(StandardCharsets.UTF_8));
    return started;
  }

  /** Goes on with data, from the buffer's position to its limit. */
  void update(ByteBuffer data) {
    sum.update(data);
  }

  /** Returns the checksum so far, as 8 hexadecimal digits. */
  String text() {
    return "%08x".formatted(sum.getValue());
  }
}
