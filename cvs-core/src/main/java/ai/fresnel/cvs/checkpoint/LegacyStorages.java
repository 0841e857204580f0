package ai.fresnel.cvs.checkpoint;

import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the format of {@code torch.save} before version 1.6: pickles of a magic number, a version,
 * the machine's kind, the object and the storages' keys, end to end, then each storage as a count
 * (8 bytes) and that many elements.
 */
final class LegacyStorages implements Storages {

  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;
  private static final int COUNT_BYTES = 8;

  private final String file;
  private final FileChannel channel;
  private final Map<String, Long> starts = new HashMap<>();

  private LegacyStorages(String file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static LegacyStorages open(Path path) throws IOException {
    return new LegacyStorages(path.toString(), FileChannel.open(path, StandardOpenOption.READ));
  }

  @Override
  public Object load(TorchObjects objects) throws IOException {
    ByteBuffer in = bytes(0, (int) Math.min(channel.size(), MAX_PICKLE));
    if (!MAGIC.equals(Pickle.load(in, objects))) {
      throw objects.damaged("a pickle, but no checkpoint of torch.save");
    }
    Object version = Pickle.load(in, objects);
    if (!Long.valueOf(VERSION).equals(version)) {
      throw objects.damaged("a checkpoint of an unknown version, expected " + VERSION);
    }
    boolean little =
        Pickle.load(in, objects) instanceof Map<?, ?> machine
            && Boolean.TRUE.equals(machine.get("little_endian"));
    Storages.checkByteOrder(objects, little);
    Object object = Pickle.load(in, objects);
    if (!(Pickle.load(in, objects) instanceof List<?> keys)) {
      throw objects.damaged("no list of the storages' keys");
    }
    place(objects, keys, in.position());
    return object;
  }

  private void place(TorchObjects objects, List<?> keys, long from) throws IOException {
    long position = from;
    for (Object key : keys) {
      Storage storage = key instanceof String name ? objects.storages().get(name) : null;
      if (storage == null || starts.containsKey(storage.key())) {
        throw objects.damaged("a key of no storage, or of one that came before");
      }
      long count = bytes(position, COUNT_BYTES).getLong();
      position += COUNT_BYTES;
      long most = (channel.size() - position) / storage.type().bytes;
      if (count < 0 || count > most) {
        throw objects.damaged(
            "storage %s claims %d elements, but the file has room for %d: is it cut off?"
                .formatted(Json.quote(storage.key()), count, most));
      }
      Storages.check(objects, storage, count * storage.type().bytes);
      starts.put(storage.key(), position);
      position += storage.bytes();
    }
    for (String key : objects.storages().keySet()) {
      if (!starts.containsKey(key)) {
        throw objects.damaged("storage " + Json.quote(key) + " is missing");
      }
    }
  }

  private ByteBuffer bytes(long start, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, start + bytes.position()) < 0) {
        throw new ModelFormatException(file + ": is cut off");
      }
    }
    return bytes.flip();
  }

  @Override
  public ByteBuffer read(Storage storage, long start, int length) throws IOException {
    return bytes(starts.get(storage.key()) + start, length);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
