package ai.fresnel.cvs.checkpoint;

import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads the container of a checkpoint: one pickle and the storages that it names. */
interface Storages extends AutoCloseable {

  /** Limit of a pickle's size: more than the names and shapes of any state dictionary need. */
  int MAX_PICKLE = 1 << 22;

  /**
   * Reads the pickle and checks that each storage it names is complete.
   *
   * @param objects collects the storages
   * @return the pickled object
   */
  Object load(TorchObjects objects) throws IOException;

  /**
   * Reads bytes of a storage.
   *
   * @param storage one of those that {@link #load} checked
   * @param start offset of the first byte in the storage
   * @param length number of bytes, all within the storage
   * @return a buffer of these bytes
   */
  ByteBuffer read(Storage storage, long start, int length) throws IOException;

  @Override
  void close() throws IOException;

  /** Refuses storages whose size differs from the file's. */
  static void check(TorchObjects objects, Storage storage, long bytes) throws IOException {
    if (bytes != storage.bytes()) {
      throw objects.damaged(
          "storage %s has %d bytes, expected %d"
              .formatted(Json.quote(storage.key()), bytes, storage.bytes()));
    }
  }

  /** Refuses big-endian files. */
  static void checkByteOrder(TorchObjects objects, boolean littleEndian) throws IOException {
    if (!littleEndian) {
      throw objects.damaged("written on a big-endian machine, expected little-endian");
    }
  }
}
