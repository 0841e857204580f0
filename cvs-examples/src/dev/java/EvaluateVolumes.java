import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.SceneScript;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Measures the views that models render of their volumes on always the same pairs.
 *
 * <p>Usage: {@code java -cp CLASSES EvaluateVolumes.java VIEWSET SPLIT PREFIX PAIRS MODEL...}, for
 * objects whose names match the regular expression PREFIX at their beginning. Prints for each model
 * the PSNR of the enlarged view in dB, the mean over pairs; the IoU of silhouettes, opacity against
 * mask, on the view's grid, both above one half and as sums of minima and maxima; the mean absolute error of depth in object lengths where both have a
 * silhouette; and the PSNR of the photograph's own camera.
 */
public final class EvaluateVolumes {

  private static final TorchFunction LARGE =
      TorchFunction.of(
          "x: Tensor, like: Tensor",
          """
          s = torch.size(like, 2)
          return torch.clamp(torch.upsample_bilinear2d(x, [s, s], False, None, None), -1., 1.)
          """);

  private static final TorchFunction SQUARES =
      TorchFunction.of(
          "a: Tensor, b: Tensor",
          """
          d = torch.flatten(a - b, 1)
          return torch.mean(d * d, [1])
          """);

  /** For each sample squared error, intersection, union, the sum of depth errors, soft IoU. */
  private static final TorchFunction FIGURES =
      SceneScript.function(
          "pose: Tensor, view: Tensor, truth: Tensor, opacity: Tensor, far: Tensor, depth: Tensor",
          """
          d = torch.flatten(view - truth, 1)
          square = torch.mean(d * d, [1])
          side = torch.floordiv(torch.size(depth, 2), torch.size(opacity, 2))
          there = torch.type_as(torch.gt(depth, 0.), depth)
          share = torch.avg_pool2d(there, [side, side], [side, side])
          z = torch.div(torch.avg_pool2d(depth, [side, side], [side, side]), torch.clamp(share, 0.01))
          forward = torch.select(self.rotation(pose), 2, 2)
          z0 = torch.select(self.translation(pose), 1, 2) + torch.select(forward, 1, 2) * self.meeting(pose, 1)
          z = z - torch.reshape(z0, [-1, 1, 1, 1])
          a = torch.type_as(torch.gt(share, 0.5), z)
          b = torch.type_as(torch.gt(opacity, 0.5), z)
          both = torch.flatten(a * b, 1)
          union = torch.sum(torch.flatten(a + b, 1), [1]) - torch.sum(both, [1])
          off = torch.flatten(torch.abs(torch.div(far, torch.clamp(opacity, 0.01)) - z), 1) * both
          least = torch.sum(torch.flatten(torch.minimum(share, opacity), 1), [1])
          most = torch.sum(torch.flatten(torch.maximum(share, opacity), 1), [1])
          soft = torch.div(least, torch.clamp(most, 0.01))
          return torch.stack([square, torch.sum(both, [1]), union, torch.sum(off, [1]), soft], 1)
          """);

  private EvaluateVolumes() {}

  public static void main(String[] args) throws Exception {
    ViewSet set = ViewSet.open(Path.of(args[0]));
    List<String> ids =
        set.ids(Split.valueOf(args[1].toUpperCase(Locale.ROOT))).stream()
            .filter(id -> id.matches(args[2] + ".*"))
            .toList();
    int pairs = Integer.parseInt(args[3]);
    ViewPairDataset data =
        ViewPairDataset.load(set, ids, PairOptions.of(8, 17).withDepth(true));
    System.out.printf("%d objects, %d pairs%n", ids.size(), pairs);
    for (int m = 4; m < args.length; m++) {
      try (NDManager manager = TorchRuntime.newManager(Device.cpu());
          TorchRuntime.GradientMode off = TorchRuntime.noGradient();
          ModelFolder folder = ModelFolder.open(Path.of(args[m]))) {
        ViewModel model = ViewModel.load(folder, manager);
        measure(args[m], model, data, pairs, manager);
      }
    }
  }

  private static void measure(
      String name, ViewModel model, ViewPairDataset data, int pairs, NDManager manager) {
    StateCodec codec = model.codec();
    double psnr = 0;
    double own = 0;
    double iou = 0;
    double soft = 0;
    double off = 0;
    double both = 0;
    for (int from = 0; from < pairs; from += 8) {
      try (NDManager scope = manager.newSubManager()) {
        TrainingBatch batch =
            data.gather(LongStream.range(from, from + 8).mapToObj(data::pair).toList()).on(scope);
        NDArray cameras = batch.context().cameras();
        Outputs outputs =
            model.render(new ParameterStore(scope, false), batch.context().source(), cameras);
        NDArray view = LARGE.call(codec.decode(outputs.x0()), batch.targets());
        float[] figures =
            FIGURES
                .call(
                    cameras,
                    view,
                    batch.targets(),
                    outputs.get(Outputs.OPACITY),
                    outputs.get(Outputs.RENDERED_DEPTH),
                    batch.depth().orElseThrow())
                .toFloatArray();
        for (int i = 0; i < 8; i++) {
          psnr += 10 * Math.log10(4 / Math.max(1e-9, figures[5 * i]));
          iou += figures[5 * i + 1] / Math.max(1, figures[5 * i + 2]);
          both += figures[5 * i + 1];
          off += figures[5 * i + 3];
          soft += figures[5 * i + 4];
        }
        NDArray still = still(cameras);
        Outputs back =
            model.render(new ParameterStore(scope, false), batch.context().source(), still);
        NDArray same = LARGE.call(codec.decode(back.x0()), batch.targets());
        float[] squares = SQUARES.call(same, batch.context().source()).toFloatArray();
        for (float square : squares) {
          own += 10 * Math.log10(4 / Math.max(1e-9, square));
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%-60s PSNR %.3f  IoU %.4f  soft IoU %.4f  depth %.4f  own camera %.2f%n",
        name,
        psnr / pairs,
        iou / pairs,
        soft / pairs,
        off / Math.max(1, both),
        own / pairs);
  }

  /** The source camera as the target. */
  private static NDArray still(NDArray cameras) {
    return SceneScript.function(
            "pose: Tensor",
            """
            n = torch.size(pose, 0)
            i = torch.new_zeros(pose, [n, 9])
            a = torch.slice(i, 1, 0, 1) + 1.
            zero = torch.slice(i, 1, 0, 1)
            f = self.source_focal(pose)
            return torch.cat([a, zero, zero, zero, a, zero, zero, zero, zero, f, f, self.world_up(pose)], 1)
            """)
        .call(cameras);
  }
}
