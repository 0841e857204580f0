package ai.fresnel.cvs;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.scene.Frustum;
import ai.fresnel.cvs.splat.FrustumCells;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewModel;
import java.util.ArrayList;
import java.util.List;

/** Reads the volume that a model predicts of a photograph. */
final class VolumeReader {

  /** The volume at the photograph's resolution: density and colours, not decoded. */
  private static final String CELLS =
      """
      v = torch.reshape(volume, [1, %1$d, %2$d, %3$d, %3$d])
      v = torch.upsample_trilinear3d(v, [%4$d, %5$d, %5$d], False, None, None)
      density = torch.softplus(torch.slice(v, 1, 0, 1) - %6$s) * %7$s
      photo = torch.pixel_shuffle(folded, %8$d)
      colour = torch.slice(v, 1, 1, %9$d) + torch.unsqueeze(photo, 2)
      return torch.cat([density, colour], 1)
      """;

  /** Views that are rendered at a time. */
  private static final int BATCH = 8;

  /** Less opacity than this has no depth. */
  private static final float LEAST_OPACITY = 0.01f;

  private final ViewModel network;
  private final ViewRequest request;
  private final ViewRows rows;
  private final int size;

  /**
   * @param network a model with a volume
   * @param request the photograph and the cameras
   */
  VolumeReader(ViewModel network, ViewRequest request) {
    this.network = network;
    this.request = request.withSamples(1);
    rows = ViewRows.of(this.request, network.config());
    size = network.config().imageSize();
    if (!network.config().hasVolume()) {
      throw new IllegalStateException(network.config().name() + " has no volume");
    }
  }

  private NDArray photograph(NDManager manager) {
    return manager.create(request.framedPhotograph(network.config()), new Shape(1, 3, size, size));
  }

  /** Renders from the request's targets. */
  @SuppressWarnings("try")
  List<VolumeView> views(NDManager manager) {
    List<VolumeView> views = new ArrayList<>();
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      NDArray photograph = photograph(manager);
      ParameterStore store = new ParameterStore(manager, false);
      for (int from = 0; from < rows.count(); from += BATCH) {
        int to = Math.min(rows.count(), from + BATCH);
        try (NDManager part = manager.newSubManager()) {
          Shape shape = new Shape(to - from, RelativePose.FEATURES);
          NDArray poses = part.create(rows.poses(from, to), shape);
          Outputs outputs = network.render(store, photograph, poses);
          float[] opacities = numbers(outputs.get(Outputs.OPACITY));
          float[] depths = numbers(outputs.get(Outputs.RENDERED_DEPTH));
          for (int i = 0; i < to - from; i++) {
            views.add(view(from + i, to - from, i, opacities, depths));
          }
        }
      }
    }
    return views;
  }

  private String script(ModelConfig config, int slices) {
    return CELLS.formatted(
        config.volume().features() + 1,
        config.volume().slices(),
        config.gridSize(0),
        slices,
        size,
        Frustum.THIN,
        Frustum.DENSITY,
        config.codec().fold(),
        config.codec().channels() + 1);
  }

  private static NDArray wide(NDArray array) {
    return array.toType(DataType.FLOAT32, false);
  }

  private static float[] numbers(NDArray array) {
    return wide(array).toFloatArray();
  }

  private VolumeView view(int row, int count, int place, float[] opacities, float[] depths) {
    int plane = opacities.length / count;
    float[] opacity = new float[plane];
    float[] depth = new float[plane];
    double middle = request.targets().get(row).transform(new double[3])[2];
    for (int i = 0; i < plane; i++) {
      opacity[i] = Math.max(0, Math.min(1, opacities[place * plane + i]));
      if (opacity[i] >= LEAST_OPACITY) {
        depth[i] = (float) (middle + depths[place * plane + i] / opacity[i]);
      }
    }
    return new VolumeView(request.targets().get(row), opacity, depth);
  }

  /** Reads the cells, two between slices and one for each pixel of the photograph. */
  @SuppressWarnings("try")
  FrustumCells cells(NDManager manager) {
    ModelConfig config = network.config();
    int slices = 2 * config.volume().slices();
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDManager own = manager.newSubManager()) {
      PhotographCode code = network.encode(new ParameterStore(own, false), photograph(own));
      NDArray cells =
          TorchFunction.of("volume: Tensor, folded: Tensor", script(config, slices))
              .call(
                  wide(code.get(PhotographCode.VOLUME)), wide(code.get(PhotographCode.PHOTOGRAPH)));
      int count = slices * size * size;
      float[] density = numbers(cells.get(":, 0:1"));
      NDArray colours = cells.get(":, 1:").reshape(1, 3, (long) slices * size, size);
      float[] rgb = numbers(network.codec().decode(colours));
      for (int i = 0; i < 3 * count; i++) {
        rgb[i] = Math.max(0, Math.min(1, (rgb[i] + 1) / 2));
      }
      double focal =
          Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, size).normalisedFx();
      return new FrustumCells(request.source(), focal, Frustum.REACH, slices, size, density, rgb);
    }
  }
}
