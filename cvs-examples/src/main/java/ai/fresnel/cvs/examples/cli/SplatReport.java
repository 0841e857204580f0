package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.splat.SplatData;
import ai.fresnel.cvs.train.splat.SplatRun;
import ai.fresnel.cvs.train.splat.SplatScore;
import ai.fresnel.cvs.train.splat.SplatView;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is found of the Gaussians of some objects, and the file that says it. */
final class SplatReport implements AutoCloseable {

  private static final String NAME = "report.json";

  /** Both are null without LPIPS. */
  private final NDManager manager;

  private final Lpips lpips;

  private final List<Row> rows = new ArrayList<>();

  /** One object. LPIPS is NaN where it was not asked for, as any score is without views. */
  private record Row(String id, int gaussians, double seconds, SplatScore score, double lpips) {

    String describe() {
      String size = gaussians + " Gaussians";
      return Double.isNaN(score.psnr()) ? size : size + ", " + scores(score, lpips);
    }

    JsonObject json() {
      JsonObject json = new JsonObject();
      json.addProperty("id", id);
      json.addProperty("gaussians", gaussians);
      json.addProperty("seconds", seconds);
      addKnown(json, "psnr", score.psnr());
      addKnown(json, "ssim", score.ssim());
      addKnown(json, "lpips", lpips);
      return json;
    }
  }

  private SplatReport(NDManager manager, Lpips lpips) {
    this.manager = manager;
    this.lpips = lpips;
  }

  /** Begins a report of PSNR and SSIM. */
  static SplatReport plain() {
    return new SplatReport(null, null);
  }

  /** Begins a report of LPIPS, too. */
  static SplatReport withLpips(LpipsOptions options, Device device) throws IOException {
    NDManager manager = TorchRuntime.newManager(device);
    try {
      return new SplatReport(manager, options.load(manager));
    } catch (IOException | RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Refuses views that LPIPS cannot compare, before time is spent on them.
   *
   * @throws IllegalArgumentException if they are too small for the network
   */
  void check(SplatData data) {
    if (lpips != null) {
      for (SplatView view : data.heldOut()) {
        Intrinsics lens = view.view().intrinsics();
        lpips.requireSize(Math.min(lens.width(), lens.height()));
      }
    }
  }

  /** Adds an object. Returns a line about it. */
  String add(String id, SplatRun.Result result, SplatData data) {
    Row row =
        new Row(
            id,
            result.cloud().size(),
            result.seconds(),
            result.score(),
            lpips == null ? Double.NaN : distance(result, data));
    rows.add(row);
    return row.describe();
  }

  private double distance(SplatRun.Result result, SplatData data) {
    return data.heldOut().stream()
        .mapToDouble(
            view ->
                lpips
                    .distances(
                        SplatScore.onWhite(result.cloud(), view),
                        view.view().onWhite(),
                        view.view().intrinsics().width())[0])
        .average()
        .orElse(Double.NaN);
  }

  /** Writes the report. Returns lines about all objects: none of one object. */
  List<String> write(Path folder) throws IOException {
    JsonArray objects = new JsonArray();
    rows.forEach(row -> objects.add(row.json()));
    JsonObject report = new JsonObject();
    report.add("objects", objects);
    AtomicFiles.write(folder.resolve(NAME), Json.format(report));
    List<Row> scored = rows.stream().filter(row -> !Double.isNaN(row.score().psnr())).toList();
    if (scored.size() < 2) {
      return List.of();
    }
    SplatScore mean = SplatScore.mean(scored.stream().map(Row::score).toList());
    double distance = scored.stream().mapToDouble(Row::lpips).average().orElse(Double.NaN);
    return List.of("mean of " + scored.size() + " objects: " + scores(mean, distance));
  }

  private static String scores(SplatScore score, double lpips) {
    String text =
        String.format(Locale.ROOT, "held out %.2f dB, SSIM %.4f", score.psnr(), score.ssim());
    return Double.isNaN(lpips) ? text : text + String.format(Locale.ROOT, ", LPIPS %.4f", lpips);
  }

  private static void addKnown(JsonObject json, String name, double value) {
    if (!Double.isNaN(value)) {
      json.addProperty(name, value);
    }
  }

  @Override
  public void close() {
    if (manager != null) {
      lpips.close();
      manager.close();
    }
  }
}
