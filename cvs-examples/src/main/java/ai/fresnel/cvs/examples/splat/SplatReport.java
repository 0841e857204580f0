package ai.fresnel.cvs.examples.splat;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.json.Json;
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
import java.util.Optional;

/** What is found of the Gaussians of some objects, and the file that says it. */
public final class SplatReport {

  private static final String NAME = "report.json";

  private final Optional<Lpips> lpips;

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

  private SplatReport(Optional<Lpips> lpips) {
    this.lpips = lpips;
  }

  /**
   * Begins a report of PSNR and SSIM.
   *
   * @return an empty report
   */
  public static SplatReport plain() {
    return new SplatReport(Optional.empty());
  }

  /**
   * Begins a report of LPIPS, too.
   *
   * @param lpips the distance, which stays the caller's to close
   * @return an empty report
   */
  public static SplatReport with(Lpips lpips) {
    return new SplatReport(Optional.of(lpips));
  }

  /**
   * Refuses views that LPIPS cannot compare, before time is spent on them.
   *
   * @param data the views
   * @throws IllegalArgumentException if they are too small for the network
   */
  public void check(SplatData data) {
    for (SplatView view : data.heldOut()) {
      Intrinsics lens = view.view().intrinsics();
      lpips.ifPresent(images -> images.requireSize(Math.min(lens.width(), lens.height())));
    }
  }

  /**
   * Adds an object.
   *
   * @param id its name
   * @param result its Gaussians
   * @param data its views
   * @return a line about it
   */
  public String add(String id, SplatRun.Result result, SplatData data) {
    Row row =
        new Row(
            id,
            result.cloud().size(),
            result.seconds(),
            result.score(),
            lpips.map(images -> distance(images, result, data)).orElse(Double.NaN));
    rows.add(row);
    return row.describe();
  }

  private static double distance(Lpips images, SplatRun.Result result, SplatData data) {
    return data.heldOut().stream()
        .mapToDouble(
            view ->
                images
                    .distances(
                        SplatScore.onWhite(result.cloud(), view),
                        view.view().onWhite(),
                        view.view().intrinsics().width())[0])
        .average()
        .orElse(Double.NaN);
  }

  /**
   * Writes the report.
   *
   * @param folder where to
   * @return lines about all objects: none of one object
   * @throws IOException naming the file, if it cannot be written
   */
  public List<String> write(Path folder) throws IOException {
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
}
