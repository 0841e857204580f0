package ai.fresnel.cvs.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * Arrays by name in a file of somebody else's: a state dictionary written by {@code torch.save}, or
 * safetensors. Opening reads what there is and checks it against the file's size; values are read
 * when asked for. One thread at a time. {@code toString} names the file.
 */
public interface WeightFile extends AutoCloseable {

  /**
   * Opens a file of whatever kind its first bytes say.
   *
   * @param path the file
   * @return the open file; close it after use
   * @throws ModelFormatException if it is of no known kind, damaged, or holds something else than
   *     tensors by name: one line that names the file
   * @throws IOException if the file cannot be read
   */
  static WeightFile open(Path path) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(path)) {
      start = in.readNBytes(9);
    }
    // A header of safetensors may have any length, and so any first byte: it is asked first.
    if (start.length == 9 && start[8] == '{') {
      return new SafetensorsFile(path.toString(), Safetensors.open(path));
    }
    if (start.length > 3 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4) {
      return TorchCheckpoint.open(path, ZipStorages.open(path));
    }
    if (start.length > 1 && start[0] == (byte) Pickle.PROTO) {
      return TorchCheckpoint.open(path, LegacyStorages.open(path));
    }
    throw new ModelFormatException(
        path + ": neither a checkpoint of torch.save nor a safetensors file");
  }

  /**
   * Returns which arrays there are.
   *
   * @return their names, unmodifiable
   */
  Set<String> names();

  /**
   * Returns the shape of an array.
   *
   * @param name one of {@link #names}
   * @return its shape, of no dimensions for a scalar
   * @throws NoSuchElementException if there is no such array
   */
  Shape shape(String name);

  /**
   * Reads an array.
   *
   * @param manager owner of the result, whose device the array comes to
   * @param name one of {@link #names}
   * @return a new float32 array of its {@link #shape}, whatever type the file has
   * @throws NoSuchElementException if there is no such array
   * @throws IOException if the file cannot be read
   */
  NDArray read(NDManager manager, String name) throws IOException;

  @Override
  void close() throws IOException;
}
