package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.nn.ViewSampler;
import ai.fresnel.cvs.train.data.ContactSheet;
import ai.fresnel.cvs.train.data.ViewBatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** Draws the same pairs with the same noise, time and again, as the averaged weights see them. */
final class Previews {

  private static final int[] PREVIEW_STEPS = {1, 2, 4};

  private final Path folder;
  private final ModelConfig model;
  private final ViewNetwork average;
  private final ViewBatch previewPairs;
  private final ViewSampler teacher;
  private final int[] fewSteps;

  /**
   * @param run the run's folder
   * @param model the model's configuration
   * @param average the network whose weights are for inference
   * @param previewPairs pairs to draw
   * @param teacher draws the teacher's pictures beside the student's; null in stage 1
   */
  Previews(
      Path run,
      ModelConfig model,
      ViewNetwork average,
      ViewBatch previewPairs,
      ViewSampler teacher) {
    this.folder = run.resolve("previews");
    this.model = model;
    this.average = average;
    this.previewPairs = previewPairs;
    this.teacher = teacher;
    // A model need not have levels for each of them.
    this.fewSteps =
        Arrays.stream(PREVIEW_STEPS)
            .filter(steps -> model.fewStepSigmas().get(steps) != null)
            .toArray();
  }

  /**
   * Draws a sheet.
   *
   * @param images samples seen, the file's name
   * @param parent what owns the device's arrays
   * @return the PNG file
   */
  Path draw(long images, NDManager parent) throws IOException {
    ViewSampler sampler = ViewSampler.of(average, model);
    boolean few = teacher != null;
    ContactSheet sheet = ContactSheet.of(few ? 3 + fewSteps.length : 4);
    int n = previewPairs.size();
    long[] seeds = previewPairs.sampleSeeds();
    long[] other = Arrays.stream(seeds).map(seed -> ~seed).toArray();
    try (NDManager manager = parent.newSubManager()) {
      Shape pictures = new Shape(n, 3, previewPairs.pictureSize(), previewPairs.pictureSize());
      NDArray source = manager.create(previewPairs.source(), pictures);
      NDArray pose = manager.create(previewPairs.pose(), new Shape(n, 16));
      float[][] columns;
      if (few) {
        columns = new float[1 + fewSteps.length][];
        columns[0] = teacher.sample(source, pose, seeds, 0).toFloatArray();
        for (int i = 0; i < fewSteps.length; i++) {
          columns[1 + i] = sampler.sample(source, pose, seeds, fewSteps[i]).toFloatArray();
        }
      } else {
        columns =
            new float[][] {
              sampler.sample(source, pose, seeds, 0).toFloatArray(),
              sampler.sample(source, pose, other, 0).toFloatArray()
            };
      }
      int size = 3 * previewPairs.pictureSize() * previewPairs.pictureSize();
      for (int i = 0; i < n; i++) {
        sheet.add(part(previewPairs.source(), i, size), "source");
        sheet.add(part(previewPairs.target(), i, size), "truth");
        for (int c = 0; c < columns.length; c++) {
          sheet.add(part(columns[c], i, size), label(few, c));
        }
      }
    }
    Path file =
        Files.createDirectories(folder).resolve(String.format(Locale.ROOT, "%09d.png", images));
    sheet.write(file);
    return file;
  }

  private String label(boolean few, int column) {
    if (!few) {
      return "sample " + (column + 1);
    }
    return column == 0 ? "teacher" : "student " + fewSteps[column - 1];
  }

  private static float[] part(float[] pictures, int index, int size) {
    return Arrays.copyOfRange(pictures, index * size, (index + 1) * size);
  }
}
