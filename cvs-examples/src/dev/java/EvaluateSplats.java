import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.eval.Flicker;
import ai.fresnel.cvs.train.eval.ImageMetrics;
import ai.fresnel.cvs.train.eval.OrbitEvaluation;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.render.Lighting;
import ai.fresnel.cvs.train.render.Rasterizer;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.procedural.Seeds;
import ai.fresnel.cvs.train.splat.GeneratedViews;
import ai.fresnel.cvs.train.splat.SplatData;
import ai.fresnel.cvs.train.splat.SplatOptimiser;
import ai.fresnel.cvs.train.splat.SplatScore;
import ai.fresnel.cvs.train.splat.SplatSettings;
import ai.fresnel.cvs.train.splat.SplatView;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * Measures the Gaussians that are made of one photograph each.
 *
 * <p>Usage: {@code java -cp CLASSES EvaluateSplats.java MODEL RECIPE OUT OBJECTS}. OBJECTS is a
 * file; each of its lines is a view set, the meshes that it was rendered from with which seed, and
 * an object of its test split, separated by tabs. RECIPE is as {@code cvs splat --recipe} takes it,
 * or {@code -} for the settings of generated views. The photograph is the object's view 0; every
 * fourth of the others is compared. Prints for each object, and as means, the PSNR against the
 * truth of the views that the model draws in one pass, of the Gaussians, and of the Gaussians
 * without any step, as the volume gives them; the flicker of a ring of 21 views of the truth, the
 * model and the Gaussians; and seconds. Writes the truth, the model's views and the Gaussians of
 * the ring, one row each, to OUT/ID.png.
 */
public final class EvaluateSplats {

  private static final String[] NAMES = {
    "model dB", "splat dB", "volume dB", "truth", "model", "splat", "volume", "seconds", "count"
  };

  private EvaluateSplats() {}

  public static void main(String[] args) throws Exception {
    SplatSettings settings = SplatSettings.generated();
    if (!args[1].equals("-")) {
      settings = settings.with(Files.readString(Path.of(args[1])), args[1]);
    }
    Path out = Files.createDirectories(Path.of(args[2]));
    System.out.printf("%-44s %s%n", "", String.join(" | ", NAMES));
    double[] sums = new double[NAMES.length];
    List<String> lines = Files.readAllLines(Path.of(args[3]));
    try (ViewSynthesizer cvs = ViewSynthesizer.load(Path.of(args[0]));
        NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      for (String line : lines) {
        double[] found = measure(cvs, manager, settings, line.split("\t"), out);
        print(line.split("\t")[3], found, 1);
        for (int i = 0; i < sums.length; i++) {
          sums[i] += found[i];
        }
      }
    }
    print("mean", sums, lines.size());
    System.out.printf(
        Locale.ROOT,
        "flicker over the truth's: model %.2f, splat %.2f, volume %.2f%n",
        sums[4] / sums[3],
        sums[5] / sums[3],
        sums[6] / sums[3]);
  }

  private static void print(String name, double[] values, int count) {
    StringBuilder text = new StringBuilder(String.format("%-44s", name));
    for (int i = 0; i < values.length; i++) {
      String format = i < 3 ? " %.2f" : i < 7 ? " %.4f" : " %.0f";
      text.append(String.format(Locale.ROOT, format, values[i] / count));
    }
    System.out.println(text);
  }

  private static double[] measure(
      ViewSynthesizer cvs, NDManager manager, SplatSettings settings, String[] at, Path out)
      throws Exception {
    ViewSet set = ViewSet.open(Path.of(at[0]));
    if (!set.ids(Split.TEST).contains(at[3])) {
      throw new IllegalArgumentException(at[3] + " is not of the test split");
    }
    ViewObject object = set.object(at[3]);
    View photograph = object.read(0);
    List<View> heldOut = new ArrayList<>();
    for (int i = 1; i < object.size(); i += 4) {
      heldOut.add(object.read(i));
    }
    CameraPose source = photograph.pose();
    List<View> ring = ring(at, source, photograph.intrinsics());

    long start = System.nanoTime();
    int size = photograph.intrinsics().width();
    Photograph image = Photograph.ofRgba(photograph.rgba(), size, size);
    ViewRequest request =
        ViewRequest.of(image, source, GeneratedViews.cameras(source)).withFraming(Framing.WHOLE);
    SplatData data = GeneratedViews.draw(cvs, request, null);
    GaussianCloud first = GaussianCloud.of(data.start().gaussians(settings));
    SplatOptimiser optimiser =
        new SplatOptimiser(settings, data.training(), data.start().gaussians(settings), 2);
    while (!optimiser.isDone()) {
      optimiser.step();
    }
    GaussianCloud cloud = optimiser.cloud();
    final double seconds = (System.nanoTime() - start) / 1e9;

    double[] psnr = new double[3];
    float[] drawn = drawn(cvs, image, source, heldOut);
    int plane = 3 * size * size;
    ImageMetrics metrics = new ImageMetrics(3, size, size);
    for (int i = 0; i < heldOut.size(); i++) {
      float[] truth = heldOut.get(i).onWhite();
      float[] one = java.util.Arrays.copyOfRange(drawn, i * plane, (i + 1) * plane);
      psnr[0] += metrics.psnr(one, truth);
      SplatView view = SplatView.of(heldOut.get(i));
      psnr[1] += metrics.psnr(SplatScore.onWhite(cloud, view), truth);
      psnr[2] += metrics.psnr(SplatScore.onWhite(first, view), truth);
    }
    float[][] rows = {
      joined(ring.stream().map(View::onWhite).toList()),
      drawn(cvs, image, source, ring),
      rendered(cloud, ring),
      rendered(first, ring)
    };
    double[] flicker = new double[4];
    for (int i = 0; i < rows.length; i++) {
      flicker[i] = Flicker.of(manager, rows[i], ring).difference();
    }
    sheet(rows, size, out.resolve(at[3] + ".png"));
    ai.fresnel.cvs.splat.file.SplatFiles.write(out.resolve(at[3] + ".ply"), cloud);
    int n = heldOut.size();
    return new double[] {
      psnr[0] / n, psnr[1] / n, psnr[2] / n, flicker[0], flicker[1], flicker[2], flicker[3], seconds,
      cloud.size()
    };
  }

  private static List<View> ring(String[] at, CameraPose source, Intrinsics lens)
      throws Exception {
    Optional<MeshSource> mesh =
        MeshFiles.list(Path.of(at[1])).stream().filter(one -> one.id().equals(at[3])).findFirst();
    long seed = Seeds.derive(Long.parseLong(at[2]), at[3]);
    Rasterizer rasterizer =
        new Rasterizer(
            mesh.orElseThrow().load().mesh(),
            Lighting.random(seed),
            Rasterizer.DEFAULT_SUPERSAMPLING);
    return Orbit.ring(OrbitEvaluation.FRAMES).around(source).stream()
        .map(
            pose -> {
              RenderedView view = rasterizer.render(pose, lens);
              return View.of(lens, pose, view.rgba()).withDepth(view.depth());
            })
        .toList();
  }

  private static float[] drawn(
      ViewSynthesizer cvs, Photograph image, CameraPose source, List<View> views) {
    List<CameraPose> targets = views.stream().map(View::pose).toList();
    ViewResult result =
        cvs.generate(
            ViewRequest.of(image, source, targets).withFraming(Framing.WHOLE).withTemperature(0));
    return joined(
        result.views().stream()
            .map(
                view -> {
                  BufferedImage pixels = (BufferedImage) view.image().getWrappedImage();
                  int side = pixels.getWidth();
                  float[] planes = new float[3 * side * side];
                  for (int i = 0; i < planes.length; i++) {
                    int at = i % (side * side);
                    int rgb = pixels.getRGB(at % side, at / side);
                    planes[i] = (rgb >> 16 - 8 * (i / (side * side)) & 255) / 127.5f - 1;
                  }
                  return planes;
                })
            .toList());
  }

  private static float[] rendered(GaussianCloud cloud, List<View> views) {
    return joined(
        views.stream().map(view -> SplatScore.onWhite(cloud, SplatView.of(view))).toList());
  }

  private static float[] joined(List<float[]> images) {
    float[] all = new float[images.size() * images.get(0).length];
    for (int i = 0; i < images.size(); i++) {
      System.arraycopy(images.get(i), 0, all, i * images.get(i).length, images.get(i).length);
    }
    return all;
  }

  private static void sheet(float[][] rows, int size, Path file) throws Exception {
    BufferedImage sheet =
        new BufferedImage(
            OrbitEvaluation.FRAMES * size, rows.length * size, BufferedImage.TYPE_INT_RGB);
    int plane = size * size;
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < OrbitEvaluation.FRAMES * plane; i++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          float value = rows[row][3 * (i / plane) * plane + c * plane + i % plane];
          rgb = rgb << 8 | Math.round(Math.max(0, Math.min(255, 127.5f * value + 127.5f)));
        }
        sheet.setRGB(i / plane * size + i % size, row * size + i % plane / size, rgb);
      }
    }
    ImageIO.write(sheet, "png", file.toFile());
  }
}
