package ai.fresnel.cvs.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * A file of published weights: arrays by name in a state dictionary written by {@code torch.save},
 * or in safetensors. Opening reads names and shapes and checks them against the file's size; values
 * are read on demand. Not thread-safe. {@code toString} names the file.
 */
public interface WeightFile extends AutoCloseable {

  /**
   * Opens a file and recognises its format by its first bytes.
   *
   * @param path the file
   * @return the open file; close it after use
   * @throws ModelFormatException if the format is unknown, the file is damaged, or it holds
   *     anything but tensors by name; the message is one line that names the file
   * @throws IOException if the file cannot be read
   */
  static WeightFile open(Path path) throws IOException {
    return open(path, TorchObjects.Policy.STATE_DICTIONARY);
  }

  /**
   * Opens a file as {@link #open(Path)} does, or a checkpoint that a training framework wrote: the
   * state dictionary in its entry {@code state_dict}. The other entries, such as those of
   * optimisers and callbacks, are left aside; of classes and functions only their names are read,
   * and nothing is run.
   *
   * @param path the file
   * @return the open file; close it after use
   * @throws ModelFormatException as above, and if it calls what no checkpoint needs
   * @throws IOException if the file cannot be read
   */
  static WeightFile openTraining(Path path) throws IOException {
    return open(path, TorchObjects.Policy.TRAINING);
  }

  private static WeightFile open(Path path, TorchObjects.Policy policy) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(path)) {
      start = in.readNBytes(9);
    }
    // A safetensors header may have any length, so any first byte: try it first.
    if (start.length == 9 && start[8] == '{') {
      return new SafetensorsFile(path.toString(), Safetensors.open(path));
    }
    if (start.length > 3 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4) {
      return TorchCheckpoint.open(path, ZipStorages.open(path), policy);
    }
    if (start.length > 1 && start[0] == (byte) Pickle.PROTO) {
      return TorchCheckpoint.open(path, LegacyStorages.open(path), policy);
    }
    throw new ModelFormatException(
        path + ": neither a checkpoint of torch.save nor a safetensors file");
  }

  /**
   * Returns the names of the arrays.
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
   * Returns the smaller of two types that holds an array's values.
   *
   * @param name one of {@link #names}
   * @return {@code FLOAT16} for an array that is stored so, {@code FLOAT32} for any other
   * @throws NoSuchElementException if there is no such array
   */
  default DataType dataType(String name) {
    return DataType.FLOAT32;
  }

  /**
   * Reads an array.
   *
   * @param manager owner of the result, on whose device the array is made
   * @param name one of {@link #names}
   * @return a new float32 array of its {@link #shape}, for any stored type
   * @throws NoSuchElementException if there is no such array
   * @throws IOException if the file cannot be read
   */
  NDArray read(NDManager manager, String name) throws IOException;

  @Override
  void close() throws IOException;
}
