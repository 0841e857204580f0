package ai.fresnel.cvs;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.view.ViewSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Draws views of several encoded objects, those of equal settings in one pass. */
final class EncodedViews {

  private final ViewSampler sampler;
  private final ModelConfig config;

  EncodedViews(ViewSampler sampler, ModelConfig config) {
    this.sampler = sampler;
    this.config = config;
  }

  /**
   * What all rows of a pass share: everything of the sampling but its seed, and the object where it
   * is seen in several photographs.
   */
  private record Pass(
      int steps, OptionalDouble guidance, OptionalDouble temperature, Optional<ObjectCode> fused) {

    static Pass of(EncodedView view) {
      Sampling sampling = view.sampling();
      Optional<ObjectCode> fused =
          Optional.of(view.code()).filter(code -> code.cameras().size() > 1);
      return new Pass(sampling.steps(), sampling.guidance(), sampling.temperature(), fused);
    }
  }

  /**
   * Draws.
   *
   * @param scope owns the intermediate arrays
   * @param views of codes of this model
   * @return the images, in order
   */
  List<Image> draw(NDManager scope, List<EncodedView> views) {
    Map<Pass, List<Integer>> passes = new LinkedHashMap<>();
    for (int i = 0; i < views.size(); i++) {
      passes.computeIfAbsent(Pass.of(views.get(i)), pass -> new ArrayList<>()).add(i);
    }
    Image[] images = new Image[views.size()];
    for (List<Integer> places : passes.values()) {
      List<Image> drawn = pass(scope, places.stream().map(views::get).toList());
      for (int i = 0; i < drawn.size(); i++) {
        images[places.get(i)] = drawn.get(i);
      }
    }
    return Arrays.asList(images);
  }

  /** Draws the views of a pass. */
  private List<Image> pass(NDManager scope, List<EncodedView> views) {
    int n = views.size();
    float[] poses = new float[n * RelativePose.FEATURES];
    long[] seeds = new long[n];
    List<ViewRows> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      EncodedView view = views.get(i);
      CameraPose source = view.code().cameras().get(0);
      ViewRows row =
          new ViewRows(source, List.of(view.target()), view.sampling(), config.imageSize());
      System.arraycopy(row.poses(0, 1), 0, poses, i * RelativePose.FEATURES, RelativePose.FEATURES);
      seeds[i] = view.sampling().seed();
      rows.add(row);
    }
    Sampling sampling = views.get(0).sampling();
    try (NDManager part = scope.newSubManager()) {
      NDArray pose = part.create(poses, new Shape(n, RelativePose.FEATURES));
      EncodedObject objects = joined(part, views);
      float[] values =
          objects.sample(sampling.of(sampler), pose, seeds, sampling.steps()).toFloatArray();
      List<Image> images = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        images.add(rows.get(i).views(values, i, 0, 1).get(0).image());
      }
      return images;
    }
  }

  /** Returns the only object, or one photograph a row. */
  private static EncodedObject joined(NDManager manager, List<EncodedView> views) {
    Map<ObjectCode, EncodedObject> objects = new HashMap<>();
    views.forEach(view -> objects.computeIfAbsent(view.code(), code -> code.on(manager)));
    EncodedObject first = objects.get(views.get(0).code());
    if (objects.size() == 1) {
      return first;
    }
    Map<String, NDArray> all = new LinkedHashMap<>();
    for (String name : first.photographs().parts().keySet()) {
      NDList parts = new NDList();
      views.forEach(view -> parts.add(objects.get(view.code()).photographs().get(name)));
      all.put(name, NDArrays.concat(parts, 0));
    }
    return new EncodedObject(new PhotographCode(all), first.cameras());
  }
}
