package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.monitor.ContactSheet;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Draws the same pairs with the same noise, time and again, as the averaged weights see them. */
final class Previews {

  private static final int[] PREVIEW_STEPS = {1, 2, 4};

  private final Path folder;
  private final ModelConfig model;
  private final ViewModel average;
  private final ViewBatch previewPairs;
  private final Optional<ViewSampler> teacher;
  private final boolean volumeAlone;
  private final int[] fewSteps;

  /**
   * @param run the run's folder
   * @param model the model's configuration
   * @param average the network whose weights are for inference
   * @param previewPairs pairs to draw
   * @param teacher draws the teacher's images beside the student's; empty where there is none
   * @param volumeAlone whether the volume is all that is trained, and so all that is drawn
   */
  Previews(
      Path run,
      ModelConfig model,
      ViewModel average,
      ViewBatch previewPairs,
      Optional<ViewSampler> teacher,
      boolean volumeAlone) {
    this.folder = run.resolve("previews");
    this.model = model;
    this.average = average;
    this.previewPairs = previewPairs;
    this.teacher = teacher;
    this.volumeAlone = volumeAlone;
    // A model need not have sigmas for each of them.
    this.fewSteps =
        Arrays.stream(PREVIEW_STEPS)
            .filter(steps -> model.fewStepSigmas().get(steps) != null)
            .toArray();
  }

  /**
   * Draws a sheet.
   *
   * @param samples samples seen, the file's name
   * @param parent what owns the device's arrays
   * @return the PNG file
   */
  Path draw(long samples, NDManager parent) throws IOException {
    ContactSheet sheet;
    int n = previewPairs.size();
    try (NDManager manager = parent.newSubManager()) {
      Shape images = new Shape(n, 3, previewPairs.imageSize(), previewPairs.imageSize());
      NDArray source = manager.create(previewPairs.source(), images);
      NDArray pose = manager.create(previewPairs.pose(), new Shape(n, 16));
      Map<String, float[]> columns = new LinkedHashMap<>();
      if (model.hasVolume()) {
        columns.put("rendered", rendered(manager, source, pose));
      }
      if (!volumeAlone) {
        columns.putAll(samples(source, pose));
      }
      sheet = ContactSheet.of(2 + columns.size());
      int size = 3 * previewPairs.imageSize() * previewPairs.imageSize();
      for (int i = 0; i < n; i++) {
        sheet.add(part(previewPairs.source(), i, size), "source");
        sheet.add(part(previewPairs.target(), i, size), "truth");
        for (Map.Entry<String, float[]> column : columns.entrySet()) {
          sheet.add(part(column.getValue(), i, size), column.getKey());
        }
      }
    }
    Path file =
        Files.createDirectories(folder).resolve(String.format(Locale.ROOT, "%09d.png", samples));
    sheet.write(file);
    return file;
  }

  /** The view of the volume, enlarged. */
  private float[] rendered(NDManager manager, NDArray source, NDArray pose) {
    int side = previewPairs.imageSize();
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      NDArray view = average.render(new ParameterStore(manager, false), source, pose).x0();
      NDArray large =
          TorchFunction.of(
                  "x: Tensor",
                  String.format(
                      Locale.ROOT,
                      "return torch.upsample_bilinear2d(x, [%d, %d], False, None, None)",
                      side,
                      side))
              .call(StateCodec.of(model).decode(view));
      return large.clip(-1, 1).toFloatArray();
    }
  }

  private Map<String, float[]> samples(NDArray source, NDArray pose) {
    ViewSampler sampler = ViewSampler.of(average, model);
    long[] seeds = previewPairs.sampleSeeds();
    Map<String, float[]> columns = new LinkedHashMap<>();
    if (model.kind() == ModelConfig.Kind.DIFFUSION) {
      long[] other = Arrays.stream(seeds).map(seed -> ~seed).toArray();
      columns.put("sample 1", sampler.sample(source, pose, seeds, 0).toFloatArray());
      columns.put("sample 2", sampler.sample(source, pose, other, 0).toFloatArray());
      return columns;
    }
    teacher.ifPresent(
        drawn -> columns.put("teacher", drawn.sample(source, pose, seeds, 0).toFloatArray()));
    for (int steps : fewSteps) {
      columns.put("student " + steps, sampler.sample(source, pose, seeds, steps).toFloatArray());
    }
    return columns;
  }

  private static float[] part(float[] images, int index, int size) {
    return Arrays.copyOfRange(images, index * size, (index + 1) * size);
  }
}
