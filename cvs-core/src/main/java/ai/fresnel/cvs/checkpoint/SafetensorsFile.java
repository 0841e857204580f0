package ai.fresnel.cvs.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.Set;

/** A safetensors file as a {@link WeightFile}: values are read as float32. */
final class SafetensorsFile implements WeightFile {

  private final String file;
  private final Safetensors tensors;

  SafetensorsFile(String file, Safetensors tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  @Override
  public Set<String> names() {
    return tensors.names();
  }

  @Override
  public Shape shape(String name) {
    return tensors.shape(name);
  }

  @Override
  public DataType dataType(String name) {
    return tensors.dataType(name) == DataType.FLOAT16 ? DataType.FLOAT16 : DataType.FLOAT32;
  }

  @Override
  public NDArray read(NDManager manager, String name) throws IOException {
    NDArray stored = tensors.read(manager, name);
    if (stored.getDataType() == DataType.FLOAT32) {
      return stored;
    }
    try (stored) {
      return stored.toType(DataType.FLOAT32, true);
    }
  }

  @Override
  public void close() throws IOException {
    tensors.close();
  }

  @Override
  public String toString() {
    return file;
  }
}
