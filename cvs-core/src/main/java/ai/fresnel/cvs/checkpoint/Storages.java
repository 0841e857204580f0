package ai.fresnel.cvs.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The container of a checkpoint: one pickle, and the storages that it names. */
interface Storages extends AutoCloseable {

  /** More than any state dictionary's names and shapes take, and little enough to hold. */
  int MAX_PICKLE = 1 << 22;

  /**
   * Reads the pickle, and checks that each storage it names is there in full.
   *
   * @param objects keeps the storages
   * @return the pickled object
   */
  Object load(TorchObjects objects) throws IOException;

  /**
   * Reads bytes of a storage.
   *
   * @param storage one of those that {@link #load} checked
   * @param start how many of its bytes come before
   * @param length how many, all within the storage
   * @return a buffer of these bytes
   */
  ByteBuffer read(Storage storage, long start, int length) throws IOException;

  @Override
  void close() throws IOException;

  /** Refuses storages of another size than the file has for them. */
  static void check(TorchObjects objects, Storage storage, long bytes) throws IOException {
    if (bytes != storage.bytes()) {
      throw objects.damaged(
          "storage %s has %d bytes, expected %d"
              .formatted(TorchObjects.quote(storage.key()), bytes, storage.bytes()));
    }
  }

  /** Refuses files whose numbers begin with the greatest byte. */
  static void checkByteOrder(TorchObjects objects, boolean littleEndian) throws IOException {
    if (!littleEndian) {
      throw objects.damaged("written on a big-endian machine, expected little-endian");
    }
  }
}
