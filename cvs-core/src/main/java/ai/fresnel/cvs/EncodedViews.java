package ai.fresnel.cvs;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.condition.ObjectCode;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.SharedArrays;
import ai.fresnel.cvs.view.ViewSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** Draws views of several encoded photographs, those of equal settings in one pass. */
final class EncodedViews {

  private final ViewSampler sampler;
  private final ModelConfig config;

  EncodedViews(ViewSampler sampler, ModelConfig config) {
    this.sampler = sampler;
    this.config = config;
  }

  /** What all rows of a pass share: everything of the sampling but its seed. */
  private record Settings(int steps, OptionalDouble guidance, OptionalDouble temperature) {

    static Settings of(Sampling sampling) {
      return new Settings(sampling.steps(), sampling.guidance(), sampling.temperature());
    }
  }

  /**
   * Draws.
   *
   * @param scope owns the intermediate arrays
   * @param views at least one
   * @return the images, in order
   */
  List<Image> draw(NDManager scope, List<EncodedView> views) {
    views.forEach(view -> sampler.requireSteps(view.sampling().steps()));
    Map<Settings, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < views.size(); i++) {
      Settings settings = Settings.of(views.get(i).sampling());
      groups.computeIfAbsent(settings, s -> new ArrayList<>()).add(i);
    }
    List<SharedArrays.Use> uses = new ArrayList<>();
    try {
      for (EncodedPhotograph photograph : photographs(views)) {
        uses.add(photograph.use());
      }
      Image[] images = new Image[views.size()];
      for (List<Integer> places : groups.values()) {
        List<Image> drawn = pass(scope, places.stream().map(views::get).toList());
        for (int i = 0; i < drawn.size(); i++) {
          images[places.get(i)] = drawn.get(i);
        }
      }
      return Arrays.asList(images);
    } finally {
      uses.forEach(SharedArrays.Use::close);
    }
  }

  private static Set<EncodedPhotograph> photographs(List<EncodedView> views) {
    Set<EncodedPhotograph> all = new LinkedHashSet<>();
    views.forEach(view -> all.add(view.photograph()));
    return all;
  }

  /** Draws views of equal settings. */
  private List<Image> pass(NDManager scope, List<EncodedView> views) {
    int n = views.size();
    float[] poses = new float[n * RelativePose.FEATURES];
    long[] seeds = new long[n];
    List<ViewRows> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      ViewRows row = new ViewRows(views.get(i).request(), config);
      System.arraycopy(row.poses(0, 1), 0, poses, i * RelativePose.FEATURES, RelativePose.FEATURES);
      seeds[i] = views.get(i).sampling().seed();
      rows.add(row);
    }
    Sampling sampling = views.get(0).sampling();
    try (NDManager part = scope.newSubManager()) {
      NDArray pose = part.create(poses, new Shape(n, RelativePose.FEATURES));
      float[] values =
          sampling
              .of(sampler)
              .sample(code(part, views), pose, seeds, sampling.steps())
              .toFloatArray();
      List<Image> images = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        images.add(rows.get(i).views(values, i, 0, 1).get(0).image());
      }
      return images;
    }
  }

  /** Returns the code of the only photograph, or one code a row. */
  private static ObjectCode code(NDManager manager, List<EncodedView> views) {
    ObjectCode first = views.get(0).photograph().code();
    if (photographs(views).size() == 1) {
      return first;
    }
    Map<String, NDArray> joined = new LinkedHashMap<>();
    for (String name : first.parts().keySet()) {
      NDList parts = new NDList();
      views.forEach(view -> parts.add(view.photograph().code().get(name)));
      NDArray all = NDArrays.concat(parts, 0);
      // It belongs to the first photograph so far.
      all.attach(manager);
      joined.put(name, all);
    }
    return new ObjectCode(joined);
  }
}
