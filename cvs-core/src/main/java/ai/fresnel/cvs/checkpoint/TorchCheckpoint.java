package ai.fresnel.cvs.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** A state dictionary as {@code torch.save} writes it. */
final class TorchCheckpoint implements WeightFile {

  private final String file;
  private final Map<String, StoredTensor> tensors;
  private final Storages storages;

  private TorchCheckpoint(String file, Map<String, StoredTensor> tensors, Storages storages) {
    this.file = file;
    this.tensors = tensors;
    this.storages = storages;
  }

  /** Reads names and shapes. The container is closed if that fails, otherwise with the result. */
  static TorchCheckpoint open(Path path, Storages storages, TorchObjects.Policy policy)
      throws IOException {
    TorchObjects objects = new TorchObjects(path.toString(), policy);
    try {
      Map<String, StoredTensor> tensors = objects.stateDictionary(storages.load(objects));
      return new TorchCheckpoint(path.toString(), tensors, storages);
    } catch (BufferUnderflowException e) {
      storages.close();
      throw objects.damaged(
          "the pickle is cut off, or longer than " + Storages.MAX_PICKLE + " bytes");
    } catch (Throwable e) {
      storages.close();
      throw e;
    }
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public Shape shape(String name) {
    return tensor(name).shape();
  }

  @Override
  public DataType dataType(String name) {
    boolean half = tensor(name).storage().type() == StorageType.HALF;
    return half ? DataType.FLOAT16 : DataType.FLOAT32;
  }

  @Override
  public NDArray read(NDManager manager, String name) throws IOException {
    StoredTensor tensor = tensor(name);
    Storage storage = tensor.storage();
    int size = storage.type().bytes;
    long bytes = tensor.span() * size;
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "%s: tensor %s takes %d bytes, more than one buffer holds: convert it to safetensors"
              .formatted(file, Json.quote(name), bytes));
    }
    ByteBuffer stored = storages.read(storage, tensor.first() * size, (int) bytes);
    return manager.create(tensor.values(stored.order(ByteOrder.LITTLE_ENDIAN)), tensor.shape());
  }

  private StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new NoSuchElementException(file + " has no tensor " + Json.quote(name));
    }
    return tensor;
  }

  @Override
  public void close() throws IOException {
    storages.close();
  }

  @Override
  public String toString() {
    return file;
  }
}
