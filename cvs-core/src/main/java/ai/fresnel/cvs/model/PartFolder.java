package ai.fresnel.cvs.model;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.FolderSwap;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.checkpoint.WeightMatch;
import ai.fresnel.cvs.json.RecordJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A part of a model on disk, such as an imported encoder: {@code part.json}, {@code
 * model.safetensors} and {@code provenance.json} in one folder ({@code docs/formats.md}). Models
 * that use the part are made with its weights and then hold them themselves.
 */
public final class PartFolder implements AutoCloseable {
  /** The file of the {@link PartConfig}. */
  public static final String CONFIG = "part.json";

  private static final Set<String> FILES =
      Set.of(CONFIG, ModelFolder.WEIGHTS, ModelFolder.PROVENANCE);
  private static final int FORMAT_VERSION = 1;
  private static final RecordJson RECORDS = RecordJson.builder().build();

  private final Path path;
  private final PartConfig config;
  private final Provenance provenance;
  private final Safetensors weights;

  private PartFolder(Path path, PartConfig config, Provenance provenance, Safetensors weights) {
    this.path = path;
    this.config = config;
    this.provenance = provenance;
    this.weights = weights;
  }

  /**
   * The content of {@code part.json}.
   *
   * @param part what the part is
   */
  public record Description(PartConfig part) {

    /**
     * Checks the description.
     *
     * @param part as above
     * @throws IllegalArgumentException if it is missing
     */
    public Description {
      Checks.present("part", part);
    }
  }

  /**
   * Writes a folder completely or not at all, as {@link ModelFolder#write} does.
   *
   * @param folder the target; its parents are made, an older folder of a part there is replaced
   * @param config what the part is
   * @param weights a safetensors file of its arrays by name, with {@link ModelFolder#METADATA}
   * @param provenance the origin of the weights
   * @throws IOException if the target is something else, which is left alone, or writing fails
   */
  public static void write(
      Path folder, PartConfig config, AtomicFiles.Content weights, Provenance provenance)
      throws IOException {
    new FolderSwap(folder, FILES)
        .replace(
            fresh -> {
              AtomicFiles.write(
                  fresh.resolve(CONFIG),
                  VersionedJson.write(RECORDS, FORMAT_VERSION, new Description(config)));
              AtomicFiles.write(fresh.resolve(ModelFolder.WEIGHTS), weights);
              AtomicFiles.write(fresh.resolve(ModelFolder.PROVENANCE), provenance.toJson());
            });
  }

  /**
   * Opens a folder: reads and checks both texts and the header of the weights.
   *
   * @param folder the folder
   * @return the open folder; close it after use
   * @throws NoSuchFileException if the folder or one of its files is missing
   * @throws ModelFormatException if a file is damaged, newer or unknown; the message names the file
   *     and the part
   * @throws IOException if a file cannot be read
   */
  public static PartFolder open(Path folder) throws IOException {
    Path file = folder.resolve(CONFIG);
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "expected the folder of an imported part");
    }
    Description description =
        VersionedJson.read(
            ModelFolder.text(file),
            file.toString(),
            FORMAT_VERSION,
            (version, settings) -> RECORDS.read(Description.class, settings));
    Path origin = folder.resolve(ModelFolder.PROVENANCE);
    Provenance provenance = Provenance.fromJson(ModelFolder.text(origin), origin.toString());
    Safetensors weights = Safetensors.open(folder.resolve(ModelFolder.WEIGHTS));
    return new PartFolder(folder, description.part(), provenance, weights);
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
   * Returns what the part is.
   *
   * @return its kind and sizes
   */
  public PartConfig config() {
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
   * Tells these weights from others.
   *
   * @return the part's name and the checksum of its weights
   */
  public String identity() {
    return config.name() + " " + weights.metadata().getOrDefault(Safetensors.CHECKSUM, "");
  }

  /**
   * Copies all weights into the arrays of the part in place, as {@link ModelFolder#load} does.
   *
   * @param parameters the part's arrays by name
   * @throws ModelFormatException if names, shapes or kinds of types differ, or a weight is not
   *     finite
   * @throws IOException if the weights cannot be read
   */
  public void load(Map<String, NDArray> parameters) throws IOException {
    String file = path.resolve(ModelFolder.WEIGHTS).toString();
    WeightMatch.check(weights, file, parameters);
    WeightMatch.load(weights, file, parameters);
  }

  /** Closes the file of the weights. Arrays that were loaded stay valid. */
  @Override
  public void close() throws IOException {
    weights.close();
  }
}
