package ai.fresnel.cvs.importer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.WeightFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Where an array of an imported network comes from: arrays of a file, as they are or changed. */
public sealed interface Origin {

  /**
   * Returns the arrays it is made of.
   *
   * @return their names in the file
   */
  List<String> names();

  /**
   * Finds the shape it has, made of arrays that the file has.
   *
   * @param file has {@link #names}
   * @return the shape; empty if those of the file cannot be changed so
   */
  Optional<Shape> shape(WeightFile file);

  /**
   * Reads the array.
   *
   * @param file has {@link #names}, of shapes that can be changed so
   * @param manager owner of the result, and of what it is made of
   * @return float32 of its {@link #shape}
   * @throws IOException if the file cannot be read
   */
  NDArray read(WeightFile file, NDManager manager) throws IOException;

  /**
   * An array as it is.
   *
   * @param name its name
   */
  record Whole(String name) implements Origin {
    @Override
    public List<String> names() {
      return List.of(name);
    }

    @Override
    public Optional<Shape> shape(WeightFile file) {
      return Optional.of(file.shape(name));
    }

    @Override
    public NDArray read(WeightFile file, NDManager manager) throws IOException {
      return file.read(manager, name);
    }
  }

  /**
   * A matrix (A, B) as (B, A).
   *
   * @param name its name
   */
  record Transposed(String name) implements Origin {
    @Override
    public List<String> names() {
      return List.of(name);
    }

    @Override
    public Optional<Shape> shape(WeightFile file) {
      Shape stored = file.shape(name);
      return stored.dimension() == 2
          ? Optional.of(new Shape(stored.get(1), stored.get(0)))
          : Optional.empty();
    }

    @Override
    public NDArray read(WeightFile file, NDManager manager) throws IOException {
      // A transposed view has the old order in memory.
      return file.read(manager, name).transpose().duplicate();
    }
  }

  /**
   * The kernel (A, B, 1, 1) of a convolution without reach as the matrix (A, B).
   *
   * @param name its name
   */
  record Flattened(String name) implements Origin {
    @Override
    public List<String> names() {
      return List.of(name);
    }

    @Override
    public Optional<Shape> shape(WeightFile file) {
      Shape stored = file.shape(name);
      return stored.dimension() == 4 && stored.get(2) == 1 && stored.get(3) == 1
          ? Optional.of(new Shape(stored.get(0), stored.get(1)))
          : Optional.empty();
    }

    @Override
    public NDArray read(WeightFile file, NDManager manager) throws IOException {
      return file.read(manager, name).reshape(shape(file).orElseThrow());
    }
  }

  /**
   * One of several equal parts of an array's rows.
   *
   * @param name its name
   * @param part which part, from 0
   * @param parts how many
   */
  record Rows(String name, int part, int parts) implements Origin {
    @Override
    public List<String> names() {
      return List.of(name);
    }

    @Override
    public Optional<Shape> shape(WeightFile file) {
      long[] sides = file.shape(name).getShape().clone();
      if (sides.length == 0 || sides[0] % parts != 0) {
        return Optional.empty();
      }
      sides[0] /= parts;
      return Optional.of(new Shape(sides));
    }

    @Override
    public NDArray read(WeightFile file, NDManager manager) throws IOException {
      long rows = shape(file).orElseThrow().get(0);
      return file.read(manager, name)
          .get(new NDIndex("{}:{}", part * rows, (part + 1) * rows))
          .duplicate();
    }
  }

  /**
   * Arrays one below the other.
   *
   * @param parts the arrays
   */
  record Joined(List<Origin> parts) implements Origin {

    /**
     * Copies the list.
     *
     * @param parts as above, at least two
     */
    public Joined {
      parts = List.copyOf(parts);
    }

    @Override
    public List<String> names() {
      return parts.stream().flatMap(part -> part.names().stream()).distinct().toList();
    }

    @Override
    public Optional<Shape> shape(WeightFile file) {
      Shape first = null;
      long rows = 0;
      for (Origin part : parts) {
        Optional<Shape> next = part.shape(file).filter(shape -> shape.dimension() > 0);
        if (next.isEmpty()) {
          return Optional.empty();
        }
        first = first == null ? next.get().slice(1) : first;
        if (!next.get().slice(1).equals(first)) {
          return Optional.empty();
        }
        rows = Math.addExact(rows, next.get().get(0));
      }
      return Optional.of(new Shape(rows).addAll(first));
    }

    @Override
    public NDArray read(WeightFile file, NDManager manager) throws IOException {
      NDList arrays = new NDList();
      for (Origin part : parts) {
        arrays.add(part.read(file, manager));
      }
      return NDArrays.concat(arrays);
    }
  }

  /**
   * Joins arrays.
   *
   * @param parts the arrays, at least one
   * @return one below the other; the only one as it is
   */
  static Origin joined(List<Origin> parts) {
    return parts.size() == 1 ? parts.get(0) : new Joined(parts);
  }

  /**
   * Returns the smaller of two types that holds its values.
   *
   * @param file has {@link #names}
   * @return {@code FLOAT16} if all its arrays are stored so, otherwise {@code FLOAT32}
   */
  default DataType dataType(WeightFile file) {
    return names().stream().allMatch(name -> file.dataType(name) == DataType.FLOAT16)
        ? DataType.FLOAT16
        : DataType.FLOAT32;
  }
}
