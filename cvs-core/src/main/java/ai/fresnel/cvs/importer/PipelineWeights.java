package ai.fresnel.cvs.importer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.WeightFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** The weights of several folders of a pipeline as one file: {@code unet/conv_in.weight}. */
final class PipelineWeights implements WeightFile {

  private final Path root;
  private final Map<String, WeightFile> files = new LinkedHashMap<>();
  private final Set<String> names = new LinkedHashSet<>();

  private PipelineWeights(Path root) {
    this.root = root;
  }

  /**
   * Opens the weights of folders.
   *
   * @param root the pipeline's folder
   * @param folders the names of the folders in it
   */
  static PipelineWeights open(Path root, List<String> folders) throws IOException {
    PipelineWeights all = new PipelineWeights(root);
    try {
      for (String folder : folders) {
        WeightFile file = WeightFiles.open(root.resolve(folder));
        all.files.put(folder, file);
        file.names().forEach(name -> all.names.add(folder + "/" + name));
      }
      return all;
    } catch (Throwable e) {
      all.close();
      throw e;
    }
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(names);
  }

  @Override
  public Shape shape(String name) {
    return file(name).shape(inside(name));
  }

  @Override
  public DataType dataType(String name) {
    return file(name).dataType(inside(name));
  }

  @Override
  public NDArray read(NDManager manager, String name) throws IOException {
    return file(name).read(manager, inside(name));
  }

  private WeightFile file(String name) {
    if (!names.contains(name)) {
      throw new NoSuchElementException(root + " has no tensor " + name);
    }
    return files.get(name.substring(0, name.indexOf('/')));
  }

  private static String inside(String name) {
    return name.substring(name.indexOf('/') + 1);
  }

  @Override
  public void close() throws IOException {
    for (WeightFile file : files.values()) {
      file.close();
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
