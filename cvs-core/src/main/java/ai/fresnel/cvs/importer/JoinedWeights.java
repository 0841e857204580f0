package ai.fresnel.cvs.importer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.WeightFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The weights of several files as one: of the folders of a pipeline, {@code unet/conv_in.weight},
 * of shards, or of an encoder and a decoder.
 */
final class JoinedWeights implements WeightFile {

  private final Path root;
  private final List<WeightFile> files = new ArrayList<>();
  private final Map<String, Place> places = new LinkedHashMap<>();

  /** Where an array is. */
  private record Place(WeightFile file, String name) {}

  /**
   * Joins nothing yet.
   *
   * @param root the folder of the files, for messages
   */
  JoinedWeights(Path root) {
    this.root = root;
  }

  /**
   * Opens the weights of folders.
   *
   * @param root the pipeline's folder
   * @param folders the names of the folders in it
   */
  static JoinedWeights ofPipeline(Path root, List<String> folders) throws IOException {
    JoinedWeights all = new JoinedWeights(root);
    try {
      for (String folder : folders) {
        all.add(WeightFiles.open(root.resolve(folder)), name -> folder + "/" + name);
      }
      return all;
    } catch (Throwable e) {
      all.close();
      throw e;
    }
  }

  /**
   * Adds a file, which is closed with this.
   *
   * @param file the file
   * @param renamed the name that an array of the file gets
   * @throws ModelFormatException if there is an array of that name already
   */
  void add(WeightFile file, UnaryOperator<String> renamed) throws ModelFormatException {
    files.add(file);
    for (String name : file.names()) {
      Place before = places.put(renamed.apply(name), new Place(file, name));
      if (before != null) {
        throw new ModelFormatException(
            file + ": tensor " + name + " is in " + before.file + ", too, expected it once");
      }
    }
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(places.keySet());
  }

  @Override
  public Shape shape(String name) {
    Place place = place(name);
    return place.file.shape(place.name);
  }

  @Override
  public DataType dataType(String name) {
    Place place = place(name);
    return place.file.dataType(place.name);
  }

  @Override
  public NDArray read(NDManager manager, String name) throws IOException {
    Place place = place(name);
    return place.file.read(manager, place.name);
  }

  private Place place(String name) {
    Place place = places.get(name);
    if (place == null) {
      throw new NoSuchElementException(root + " has no tensor " + name);
    }
    return place;
  }

  @Override
  public void close() throws IOException {
    for (WeightFile file : files) {
      file.close();
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
