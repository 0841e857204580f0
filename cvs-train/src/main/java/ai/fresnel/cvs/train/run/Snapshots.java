package ai.fresnel.cvs.train.run;

import ai.fresnel.cvs.block.Lora;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.lora.LoraFile;
import ai.fresnel.cvs.lora.LoraModules;
import ai.fresnel.cvs.lora.LoraNames;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.model.ProvenanceBuilder;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's model folders of its averaged weights: {@code latest}, {@code best} by validation, and
 * the last few under the number of samples they have seen.
 */
final class Snapshots {

  private static final String FOLDER = "snapshots";
  private static final String LATEST = "latest";
  private static final String BEST = "best";
  private static final String VALIDATION = "validation";

  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final Path folder;
  private final Recipe recipe;
  private final ViewModel average;
  private double best;

  /**
   * Goes on with what an earlier part of the run left.
   *
   * @param run the run's folder
   * @param recipe what decides the run
   * @param average the network whose weights are for inference
   */
  Snapshots(Path run, Recipe recipe, ViewModel average) throws IOException {
    this.folder = run.resolve(FOLDER);
    this.recipe = recipe;
    this.average = average;
    this.best = best(folder.resolve(BEST));
  }

  /** Returns what a run's folder has of snapshots. */
  static List<Path> of(Path run) throws IOException {
    Path folder = run.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(folder)) {
      return found.filter(Files::isDirectory).sorted().toList();
    }
  }

  /**
   * Reads the best validation so far from the folder of that model. A damaged one is worth nothing
   * and does not end the run: it is set aside with a word.
   */
  private static double best(Path model) throws IOException {
    if (Files.isDirectory(model.getParent())) {
      ModelFolder.recover(model);
    }
    if (!Files.exists(model)) {
      return Double.POSITIVE_INFINITY;
    }
    try (ModelFolder found = ModelFolder.open(model)) {
      return found.provenance().metrics().getOrDefault(VALIDATION, Double.POSITIVE_INFINITY);
    } catch (ModelFormatException | NoSuchFileException e) {
      Path aside = aside(model);
      Files.move(model, aside);
      LOG.warn(
          "{}; the model is set aside as {}, and the next validation makes a new one",
          e.getMessage(),
          aside.getFileName());
      return Double.POSITIVE_INFINITY;
    }
  }

  private static Path aside(Path model) {
    Path aside = model.resolveSibling(BEST + "-damaged");
    for (int i = 2; Files.exists(aside); i++) {
      aside = model.resolveSibling(BEST + "-damaged-" + i);
    }
    return aside;
  }

  /** Replaces the latest, and keeps as many under their numbers as the recipe says. */
  void save(TrainingState.Counters counters) throws IOException {
    Provenance provenance = provenance(counters).build();
    write(LATEST, provenance);
    int kept = recipe.training().run().keepSnapshots();
    if (kept > 0) {
      write(String.format(Locale.ROOT, "%09d", counters.samples()), provenance);
      List<Path> all = numbered();
      for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
        delete(old);
      }
    }
  }

  /** Keeps the model if none measured lower; a number that is not finite is never the best. */
  void offer(double validation, TrainingState.Counters counters) throws IOException {
    if (validation < best) {
      write(BEST, provenance(counters).metric(VALIDATION, validation).build());
      best = validation;
    }
  }

  private void write(String name, Provenance provenance) throws IOException {
    Files.createDirectories(folder);
    Path model = folder.resolve(name);
    Optional<Lora> adapter = Lora.of(average);
    if (adapter.isEmpty()) {
      ModelFolder.write(model, recipe.model(), Weights.arrays(average), provenance);
      return;
    }
    // The model is whole, the adapter alone lies beside it.
    LoraModules modules = LoraModules.of(recipe.model());
    LoraFile.write(
        folder.resolve(name + "-" + LoraFile.NAME),
        adapter.get(),
        average,
        modules,
        LoraNames.PEFT);
    adapter.get().merge();
    try {
      ModelFolder.write(model, recipe.model(), Weights.arrays(average), provenance);
    } finally {
      adapter.get().unmerge();
    }
  }

  private ProvenanceBuilder provenance(TrainingState.Counters counters) {
    return Provenance.builder()
        .data(recipe.data())
        .recipe(recipe.toJson())
        .seed(recipe.training().run().seed())
        .steps(counters.steps())
        .samplesSeen(counters.samples())
        .commit(System.getProperty("cvs.commit", "unknown"))
        .parent(recipe.teacher())
        .created(Instant.now().truncatedTo(ChronoUnit.SECONDS))
        .metric("training_seconds", counters.seconds());
  }

  /** The numbered ones, oldest first. */
  private List<Path> numbered() throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .filter(path -> path.getFileName().toString().matches("[0-9]{9,18}"))
          .sorted((a, b) -> Long.compare(number(a), number(b)))
          .toList();
    }
  }

  private static long number(Path snapshot) {
    return Long.parseLong(snapshot.getFileName().toString());
  }

  /**
   * A kill in between leaves a part, which is the oldest at the next save too. A folder that holds
   * anything else is somebody's own and stays.
   */
  private static void delete(Path snapshot) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(snapshot)) {
      files = found.toList();
    }
    if (files.stream()
        .allMatch(file -> ModelFolder.FILES.contains(file.getFileName().toString()))) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(snapshot);
    }
  }
}
