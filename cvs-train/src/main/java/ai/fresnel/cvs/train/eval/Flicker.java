package ai.fresnel.cvs.train.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.objective.ViewWarp;
import ai.fresnel.cvs.train.viewset.View;
import java.util.Arrays;
import java.util.List;

/**
 * Measures how much the frames of an orbit disagree. Each frame is compared with its two
 * neighbours, warped through the true depth by {@link ViewWarp}. This is the warping error of
 * videos (Lai et al. 2018) with geometry in place of optical flow, and the absolute difference.
 *
 * @param difference the mean absolute difference over the counted pixels and all channels, in image
 *     values, whose range is 2; 0 if no pixel counts
 * @param seen the number of counted pixels, whose surface the neighbour sees too
 */
public record Flicker(double difference, long seen) {

  private static final TorchFunction SUMS =
      TorchFunction.of(
          "images: Tensor, warped: Tensor, where: Tensor",
          """
          seen = torch.slice(where, 1, 2, 3)
          d = torch.sum(torch.mean(torch.abs(images - warped) * seen, [1]))
          return torch.stack([d, torch.sum(seen)], 0)
          """);

  /**
   * Compares the frames of a ring, including the last with the first.
   *
   * @param manager decides the device
   * @param frames (K, 3, S, S), predicted or true, in the order of the views
   * @param ring K views with depth, of S×S pixels: the cameras and the true depth of the frames
   * @return the flicker
   * @throws IllegalArgumentException if a view has no depth or the numbers of frames and views
   *     differ
   */
  public static Flicker of(NDManager manager, float[] frames, List<View> ring) {
    int side = ring.get(0).intrinsics().width();
    int size = 3 * side * side;
    if (frames.length != ring.size() * size) {
      throw new IllegalArgumentException(
          frames.length + " values of frames, expected " + ring.size() + " times " + size);
    }
    double sum = 0;
    double seen = 0;
    for (int i = 0; i < ring.size(); i++) {
      int next = (i + 1) % ring.size();
      try (NDManager sub = manager.newSubManager();
          TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        NDArray where = ViewWarp.partners(depths(sub, ring, i, next), poses(sub, ring, i, next));
        float[] both =
            Arrays.copyOf(Arrays.copyOfRange(frames, i * size, (i + 1) * size), 2 * size);
        System.arraycopy(frames, next * size, both, size, size);
        NDArray images = sub.create(both, new Shape(2, 3, side, side));
        float[] sums = SUMS.call(images, ViewWarp.warp(images, where), where).toFloatArray();
        sum += sums[0];
        seen += sums[1];
      }
    }
    return new Flicker(seen == 0 ? 0 : sum / seen, Math.round(seen));
  }

  private static NDArray depths(NDManager manager, List<View> ring, int one, int other) {
    int side = ring.get(one).intrinsics().width();
    float[] both = new float[2 * side * side];
    System.arraycopy(depth(ring.get(one)), 0, both, 0, side * side);
    System.arraycopy(depth(ring.get(other)), 0, both, side * side, side * side);
    return manager.create(both, new Shape(2, 1, side, side));
  }

  private static float[] depth(View view) {
    return view.depth()
        .orElseThrow(() -> new IllegalArgumentException("a view has no depth, expected one each"));
  }

  private static NDArray poses(NDManager manager, List<View> ring, int one, int other) {
    View source = ring.get(0);
    float[] both = new float[2 * RelativePose.FEATURES];
    for (int i = 0; i < 2; i++) {
      View view = ring.get(i == 0 ? one : other);
      float[] features =
          RelativePose.features(source.pose(), source.intrinsics(), view.pose(), view.intrinsics());
      System.arraycopy(features, 0, both, i * features.length, features.length);
    }
    return manager.create(both, new Shape(2, RelativePose.FEATURES));
  }
}
