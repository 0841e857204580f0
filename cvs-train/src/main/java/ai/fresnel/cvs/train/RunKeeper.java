package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.nn.ViewSampler;
import ai.fresnel.cvs.train.data.ContactSheet;
import ai.fresnel.cvs.train.data.ViewBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Saves a run's state, the snapshot of its inference weights and its previews. */
final class RunKeeper implements TrainingLoop.Keeper {

  private static final int[] PREVIEW_STEPS = {1, 2, 4};

  private final Path run;
  private final Recipe recipe;
  private final TrainingState state;
  private final ViewNetwork average;
  private final ViewBatch previewPairs;
  private final ViewSampler teacher;
  private final int[] fewSteps;

  /**
   * @param run the run's folder
   * @param recipe what decides the run
   * @param state what resuming needs
   * @param average the network whose weights are for inference
   * @param previewPairs pairs to draw, always the same
   * @param teacher draws the teacher's pictures beside the student's; null where there is none
   */
  RunKeeper(
      Path run,
      Recipe recipe,
      TrainingState state,
      ViewNetwork average,
      ViewBatch previewPairs,
      ViewSampler teacher) {
    this.run = run;
    this.recipe = recipe;
    this.state = state;
    this.average = average;
    this.previewPairs = previewPairs;
    this.teacher = teacher;
    // A model need not have levels for each of them.
    this.fewSteps =
        Arrays.stream(PREVIEW_STEPS)
            .filter(steps -> recipe.model().fewStepSigmas().get(steps) != null)
            .toArray();
  }

  @Override
  public void save(TrainingState.Counters counters) throws IOException {
    state.save(run, counters);
    Provenance provenance =
        Provenance.builder()
            .data(recipe.data())
            .recipe(recipe.toJson())
            .seed(recipe.training().seed())
            .steps(counters.steps())
            .samplesSeen(counters.images())
            .commit(System.getProperty("cvs.commit", "unknown"))
            .parent(recipe.teacher())
            .created(Instant.now().truncatedTo(ChronoUnit.SECONDS))
            .metric("training_seconds", counters.seconds())
            .build();
    Path snapshots = Files.createDirectories(run.resolve("snapshots"));
    ModelFolder.write(
        snapshots.resolve("latest"), recipe.model(), Weights.arrays(average), provenance);
  }

  @Override
  public void preview(long images) throws IOException {
    ViewSampler sampler = ViewSampler.of(average, recipe.model());
    boolean few = recipe.model().kind() == ModelConfig.Kind.CONSISTENCY;
    int n = previewPairs.size();
    long[] seeds = previewPairs.sampleSeeds();
    long[] other = Arrays.stream(seeds).map(seed -> ~seed).toArray();
    ContactSheet sheet;
    try (NDManager manager =
        Weights.arrays(average).values().iterator().next().getManager().newSubManager()) {
      Shape pictures = new Shape(n, 3, previewPairs.pictureSize(), previewPairs.pictureSize());
      NDArray source = manager.create(previewPairs.source(), pictures);
      NDArray pose = manager.create(previewPairs.pose(), new Shape(n, 16));
      List<String> labels = new ArrayList<>();
      List<float[]> columns = new ArrayList<>();
      if (few) {
        if (teacher != null) {
          labels.add("teacher");
          columns.add(teacher.sample(source, pose, seeds, 0).toFloatArray());
        }
        for (int steps : fewSteps) {
          labels.add("student " + steps);
          columns.add(sampler.sample(source, pose, seeds, steps).toFloatArray());
        }
      } else {
        labels.add("sample 1");
        columns.add(sampler.sample(source, pose, seeds, 0).toFloatArray());
        labels.add("sample 2");
        columns.add(sampler.sample(source, pose, other, 0).toFloatArray());
      }
      sheet = ContactSheet.of(2 + columns.size());
      int size = 3 * previewPairs.pictureSize() * previewPairs.pictureSize();
      for (int i = 0; i < n; i++) {
        sheet.add(part(previewPairs.source(), i, size), "source");
        sheet.add(part(previewPairs.target(), i, size), "truth");
        for (int c = 0; c < columns.size(); c++) {
          sheet.add(part(columns.get(c), i, size), labels.get(c));
        }
      }
    }
    Path previews = Files.createDirectories(run.resolve("previews"));
    sheet.write(previews.resolve(String.format(Locale.ROOT, "%09d.png", images)));
  }

  private static float[] part(float[] pictures, int index, int size) {
    return Arrays.copyOfRange(pictures, index * size, (index + 1) * size);
  }
}
