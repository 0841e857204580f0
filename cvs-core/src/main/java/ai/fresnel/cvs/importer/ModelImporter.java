package ai.fresnel.cvs.importer;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.importer.ImportSettings.UNetWeights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.PartConfig;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.model.ProvenanceBuilder;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Imports published weights.
 *
 * <pre>{@code
 * ImportSettings settings = ImportSettings.of(ImportKind.DINOV2, Path.of("dinov2_vits14.pth"));
 * new ModelImporter(settings, (done, total) -> {}).writeTo(Path.of("dinov2-s"));
 * }</pre>
 *
 * <p>Weights are read and written one array at a time, in the type of the file if that is float16
 * or float32. Nothing is written unless the file fits.
 */
public final class ModelImporter {

  private static final String NON_COMMERCIAL =
      "the weights of Stable Zero123 are for non-commercial use: see the licence they came with";

  private final ImportSettings settings;
  private final Progress progress;

  /** Hears of progress. */
  @FunctionalInterface
  public interface Progress {

    /**
     * Hears of progress.
     *
     * @param done arrays that are written
     * @param total arrays in all
     */
    void update(int done, int total);
  }

  /**
   * Makes an importer.
   *
   * @param settings what to import
   * @param progress hears of progress
   */
  public ModelImporter(ImportSettings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Reads the weights, checks them and writes them to a folder, completely or not at all.
   *
   * @param folder the folder, made or replaced as {@link ModelFolder#write} does
   * @return what was imported
   * @throws ModelFormatException if the files are not what the settings say, or damaged; the
   *     message names the file and its part
   * @throws IOException if a file is missing, or cannot be read or written
   */
  public ImportReport writeTo(Path folder) throws IOException {
    if (!Files.exists(settings.from())) {
      throw new NoSuchFileException(settings.from().toString());
    }
    return switch (settings.kind()) {
      case DINOV2 -> dino(folder);
      case VAE, TAESD -> autoencoder(folder);
      case DIFFUSERS -> pipeline(folder);
      case ZERO123, STABLE_ZERO123 ->
          Files.isDirectory(settings.from()) ? pipeline(folder) : checkpoint(folder);
    };
  }

  private ImportReport dino(Path folder) throws IOException {
    Path from = settings.from();
    Optional<ForeignConfig> description = Optional.empty();
    Optional<Path> described = Files.isDirectory(from) ? Optional.of(from) : settings.description();
    if (described.isPresent()) {
      description = Optional.of(ForeignConfig.of(described.get()));
    }
    try (WeightFile file = WeightFiles.openAny(from)) {
      DinoImport.Found found = DinoImport.find(file, description);
      return part(folder, new PartConfig.Dino(found.config()), found.weights());
    }
  }

  private ImportReport autoencoder(Path folder) throws IOException {
    AutoencoderImport.Source source =
        AutoencoderImport.source(settings.kind(), settings.from(), settings.description());
    try (WeightFile file = AutoencoderImport.open(source)) {
      MappedWeights weights = AutoencoderImport.find(file, source.config());
      return part(folder, new PartConfig.Autoencoder(source.config()), weights);
    }
  }

  private ImportReport pipeline(Path folder) throws IOException {
    Path from = settings.from();
    if (!Files.isDirectory(from)) {
      throw new NotDirectoryException(from.toString());
    }
    ModelConfig config = Zero123Networks.read(settings.kind(), from);
    try (JoinedWeights file = JoinedWeights.ofPipeline(from, Zero123Import.FOLDERS)) {
      return model(folder, config, Zero123Import.inPipeline(file, config), "as in the pipeline");
    }
  }

  private ImportReport checkpoint(Path folder) throws IOException {
    Optional<Path> description =
        settings.description().or(() -> Zero123Networks.beside(settings.from()));
    ModelConfig config =
        description.isPresent()
            ? Zero123Networks.read(settings.kind(), description.get())
            : Zero123Networks.published(settings.kind());
    try (WeightFile file = WeightFile.openTraining(settings.from())) {
      UNetWeights wanted = settings.unetWeights();
      boolean averages = Zero123Import.hasAverages(file);
      UNetWeights taken = averages ? wanted : UNetWeights.TRAINED;
      String which =
          taken == UNetWeights.AVERAGED
              ? "moving averages (model_ema)"
              : averages ? "as trained, not the moving averages" : "as trained, the only ones";
      return model(folder, config, Zero123Import.inCheckpoint(file, config, taken), which);
    }
  }

  private ImportReport model(Path folder, ModelConfig config, MappedWeights weights, String unet)
      throws IOException {
    List<String> notes = new ArrayList<>(List.of("weights of the U-Net: " + unet));
    ProvenanceBuilder provenance = provenance(weights).note("import.unetWeights", unet);
    if (settings.kind() == ImportKind.STABLE_ZERO123) {
      notes.add(NON_COMMERCIAL);
      provenance.note("import.licence", NON_COMMERCIAL);
    }
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ModelFolder.write(folder, config, content(weights, manager), provenance.build());
    }
    return report(config.name(), weights, notes);
  }

  private ImportReport part(Path folder, PartConfig config, MappedWeights weights)
      throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      PartFolder.write(folder, config, content(weights, manager), provenance(weights).build());
    }
    return report(config.name(), weights, List.of());
  }

  private AtomicFiles.Content content(MappedWeights weights, NDManager manager) {
    int total = weights.names().size();
    int[] done = {0};
    return Safetensors.content(
        weights, manager, ModelFolder.METADATA, () -> progress.update(++done[0], total));
  }

  private ProvenanceBuilder provenance(MappedWeights weights) {
    return Provenance.builder()
        .data("published weights; their training data is not known here")
        .commit(System.getProperty("cvs.commit", "unknown"))
        .created(Instant.now().truncatedTo(ChronoUnit.SECONDS))
        .note("import.kind", settings.kind().toString())
        .note("import.file", String.valueOf(settings.from().toAbsolutePath().getFileName()))
        .note("import.types", weights.types());
  }

  private static ImportReport report(String name, MappedWeights weights, List<String> notes) {
    long values = weights.names().stream().mapToLong(one -> weights.shape(one).size()).sum();
    return new ImportReport(name, weights.names().size(), values, notes);
  }
}
