package ai.fresnel.cvs.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.FolderSwap;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.checkpoint.WeightMatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A trained model on disk: {@code config.json}, {@code model.safetensors} and {@code
 * provenance.json} in one folder ({@code docs/formats.md}).
 *
 * <pre>{@code
 * ModelFolder.write(path, config, arraysByName, provenance);
 * try (ModelFolder folder = ModelFolder.open(path)) {
 *   Map<String, NDArray> arraysByName = networkOf(folder.config());
 *   folder.load(arraysByName);
 * }
 * }</pre>
 */
public final class ModelFolder implements AutoCloseable {
  /** The file of the {@link ModelConfig}. */
  public static final String CONFIG = "config.json";

  /** The file of the weights. */
  public static final String WEIGHTS = "model.safetensors";

  /** The file of the {@link Provenance}. */
  public static final String PROVENANCE = "provenance.json";

  /** All files of a model folder. */
  public static final Set<String> FILES = Set.of(CONFIG, WEIGHTS, PROVENANCE);

  /** The metadata of the weights: other readers of safetensors expect it. */
  public static final Map<String, String> METADATA = Map.of("format", "pt");

  /** Limit of a text. Ours take a few kilobytes; a longer file is something else. */
  private static final int MAX_TEXT = 1 << 24;

  private final Path path;
  private final ModelConfig config;
  private final Provenance provenance;
  private final Safetensors weights;

  private ModelFolder(Path path, ModelConfig config, Provenance provenance, Safetensors weights) {
    this.path = path;
    this.config = config;
    this.provenance = provenance;
    this.weights = weights;
  }

  /**
   * Writes a model folder completely or not at all. The folder is filled under the name {@code
   * .NAME.new} beside the target and flushed to disk; an older target is renamed to {@code
   * .NAME.old}, the new folder to the target, then the old one is deleted. After a crash between
   * the two renames the target is missing and both others are complete: {@link #recover}, and the
   * next write, put the new one in place. While it writes, a {@link
   * ai.fresnel.cvs.checkpoint.FolderLock} beside the target keeps other writers away.
   *
   * @param folder the target; its parents are made, an older model folder there is replaced
   * @param config the network's configuration
   * @param weights the network's arrays by name, stored in their own types
   * @param provenance the origin of the weights
   * @throws IllegalArgumentException if a name or a type of the weights cannot be stored
   * @throws IOException if the target is something other than a model folder, which is left alone,
   *     if another process writes it, or if writing fails, which leaves an older model folder as it
   *     was
   */
  public static void write(
      Path folder, ModelConfig config, Map<String, NDArray> weights, Provenance provenance)
      throws IOException {
    write(folder, config, Safetensors.content(weights, METADATA), provenance);
  }

  /**
   * Writes a model folder as {@link #write(Path, ModelConfig, Map, Provenance)} does, of weights
   * that need not be in memory.
   *
   * @param folder the target
   * @param config the network's configuration
   * @param weights a safetensors file with the network's arrays and {@link #METADATA}
   * @param provenance the origin of the weights
   * @throws IOException as above
   */
  public static void write(
      Path folder, ModelConfig config, AtomicFiles.Content weights, Provenance provenance)
      throws IOException {
    new FolderSwap(folder, FILES)
        .replace(
            fresh -> {
              AtomicFiles.write(fresh.resolve(CONFIG), config.toJson());
              AtomicFiles.write(fresh.resolve(WEIGHTS), weights);
              AtomicFiles.write(fresh.resolve(PROVENANCE), provenance.toJson());
            });
  }

  /**
   * Finishes a {@link #write} that a crash interrupted between its renames, and removes leftovers
   * of a crash; does nothing otherwise.
   *
   * @param folder the target of the write
   * @throws IOException if another process writes the folder, or renaming or deleting fails
   */
  public static void recover(Path folder) throws IOException {
    new FolderSwap(folder, FILES).recover();
  }

  /**
   * Opens a model folder: reads and checks both texts and the header of the weights.
   *
   * @param folder the folder
   * @return the open folder; close it after use
   * @throws NoSuchFileException if the folder or one of its files is missing
   * @throws ModelFormatException if a file is damaged, newer or unknown; the message names the file
   *     and the part
   * @throws IOException if a file cannot be read
   */
  public static ModelFolder open(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      boolean interrupted = new FolderSwap(folder, FILES).isInterrupted();
      throw new NoSuchFileException(
          folder.toString(),
          null,
          interrupted
              ? "a write of this model folder was cut off: recover it, or rename the complete .new"
                  + " folder beside it"
              : "expected a model folder");
    }
    Path configPath = folder.resolve(CONFIG);
    Path provenancePath = folder.resolve(PROVENANCE);
    ModelConfig config = ModelConfig.fromJson(text(configPath), configPath.toString());
    Provenance provenance = Provenance.fromJson(text(provenancePath), provenancePath.toString());
    return new ModelFolder(folder, config, provenance, Safetensors.open(folder.resolve(WEIGHTS)));
  }

  /** Reads a text of bounded length. */
  static String text(Path path) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(MAX_TEXT + 1);
    }
    if (bytes.length > MAX_TEXT) {
      throw new ModelFormatException(path + ": longer than " + MAX_TEXT + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ModelFormatException(path + ": not UTF-8", e);
    }
  }

  /**
   * Returns the folder.
   *
   * @return its path, as it was given
   */
  public Path path() {
    return path;
  }

  /**
   * Returns the network's configuration.
   *
   * @return the content of {@code config.json}
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Returns the origin of the weights.
   *
   * @return the content of {@code provenance.json}
   */
  public Provenance provenance() {
    return provenance;
  }

  /**
   * Returns the weights, open until this folder is closed.
   *
   * @return the content of {@code model.safetensors}
   */
  public Safetensors weights() {
    return weights;
  }

  /**
   * Refuses weights that are not those of a network, before memory is taken for it: a small file
   * may name a large network.
   *
   * @param shapes the shapes of the network's parameters by name
   * @throws ModelFormatException if names or shapes differ; the message lists the first few
   */
  public void requireShapes(Map<String, Shape> shapes) throws ModelFormatException {
    WeightMatch.checkShapes(weights, weightsFile(), shapes);
  }

  private String weightsFile() {
    return path.resolve(WEIGHTS).toString();
  }

  /**
   * Copies all weights into a network's arrays in place. The arrays keep their memory, device, type
   * and gradients. Names and shapes must match on both sides, otherwise nothing is copied.
   *
   * @param parameters the network's arrays by name
   * @throws ModelFormatException if names, shapes or kinds of types differ, where the message lists
   *     the first few, or if a weight is not finite
   * @throws IOException if the weights cannot be read
   */
  public void load(Map<String, NDArray> parameters) throws IOException {
    WeightMatch.check(weights, weightsFile(), parameters);
    WeightMatch.load(weights, weightsFile(), parameters);
  }

  /**
   * Copies the weights whose names, shapes and kinds of types match into a network's arrays, as
   * {@link #load} does. The other arrays stay unchanged. A larger network can so start from a
   * smaller one.
   *
   * @param parameters the network's arrays by name
   * @return the names of the arrays that were filled
   * @throws IOException if the weights cannot be read
   */
  public Set<String> loadWhatFits(Map<String, NDArray> parameters) throws IOException {
    Map<String, NDArray> fitting = new LinkedHashMap<>(parameters);
    fitting.entrySet().removeIf(one -> !WeightMatch.fits(weights, one.getKey(), one.getValue()));
    WeightMatch.load(weights, weightsFile(), fitting);
    return fitting.keySet();
  }

  /** Closes the file of the weights. Arrays that were loaded stay valid. */
  @Override
  public void close() throws IOException {
    weights.close();
  }
}
