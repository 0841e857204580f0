package ai.fresnel.cvs.importer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** Writes zip64 archives with a huge entry of zeros, which takes no place on most disks. */
final class SparseZip {

  private static final int ALL_ONES = 0xffffffff;

  private SparseZip() {}

  /** A file of the archive. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
  record Entry(String name, byte[] bytes) {}

  /** Writes the archive: first the hole, as torch's storage "hole", then the other files. */
  static void write(Path path, List<Entry> entries, long hole) throws IOException {
    String folder = entries.get(0).name().split("/", 2)[0];
    try (FileChannel out =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      List<ByteBuffer> directory = new ArrayList<>();
      // The checksum of the zeros is wrong: nobody may read them.
      directory.add(add(out, folder + "/data/hole", hole, 0));
      out.position(out.position() + hole);
      for (Entry entry : entries) {
        CRC32 crc = new CRC32();
        crc.update(entry.bytes());
        directory.add(add(out, entry.name(), entry.bytes().length, (int) crc.getValue()));
        out.write(ByteBuffer.wrap(entry.bytes()));
      }
      long start = out.position();
      for (ByteBuffer one : directory) {
        out.write(one);
      }
      long size = out.position() - start;
      long end = out.position();
      ByteBuffer tail = ByteBuffer.allocate(56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
      tail.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
      tail.putInt(0).putInt(0).putLong(directory.size()).putLong(directory.size());
      tail.putLong(size).putLong(start);
      tail.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
      tail.putInt(0x06054b50).putInt(0).putShort((short) -1).putShort((short) -1);
      tail.putInt(ALL_ONES).putInt(ALL_ONES).putShort((short) 0);
      out.write(tail.flip());
    }
  }

  /** Writes an entry's local header and returns its record of the directory. */
  private static ByteBuffer add(FileChannel out, String name, long size, int crc)
      throws IOException {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    long offset = out.position();
    ByteBuffer local = ByteBuffer.allocate(30 + text.length + 20).order(ByteOrder.LITTLE_ENDIAN);
    local.putInt(0x04034b50).putShort((short) 45).putShort((short) 0).putShort((short) 0);
    local.putInt(0).putInt(crc).putInt(ALL_ONES).putInt(ALL_ONES);
    local.putShort((short) text.length).putShort((short) 20).put(text);
    local.putShort((short) 1).putShort((short) 16).putLong(size).putLong(size);
    out.write(local.flip());
    ByteBuffer record = ByteBuffer.allocate(46 + text.length + 28).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(0x02014b50).putShort((short) 45).putShort((short) 45).putInt(0).putInt(0);
    record.putInt(crc).putInt(ALL_ONES).putInt(ALL_ONES);
    record.putShort((short) text.length).putShort((short) 28).putShort((short) 0);
    record.putShort((short) 0).putShort((short) 0).putInt(0).putInt(ALL_ONES).put(text);
    record.putShort((short) 1).putShort((short) 24).putLong(size).putLong(size).putLong(offset);
    return record.flip();
  }
}
