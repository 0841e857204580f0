package ai.fresnel.cvs.train.eval;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Formats a report as Markdown tables with the setup below. */
final class EvaluationTable {

  private static final String NOTHING = "–";

  private final EvaluationReport report;
  private final StringBuilder text = new StringBuilder();

  private EvaluationTable(EvaluationReport report) {
    this.report = report;
  }

  static String of(EvaluationReport report) {
    EvaluationTable table = new EvaluationTable(report);
    table.quality("");
    String subset = report.setup().get("subset_pairs");
    if (subset != null) {
      table.line("");
      table.line("On the subset of " + subset + " pairs:");
      table.line("");
      table.quality("/" + PairScorer.SUBSET);
    }
    table.line("");
    table.line("PSNR in dB by the angle between source and target, in degrees:");
    table.line("");
    table.angles();
    table.ceiling();
    table.speed();
    table.orbits();
    table.line("");
    report.setup().forEach((name, value) -> table.line("- " + name + ": " + value));
    return table.text.toString();
  }

  private void quality(String group) {
    boolean lpips = report.metrics().keySet().stream().anyMatch(key -> key.contains("/lpips"));
    row("predictor", "image", "pairs", "PSNR dB", "SSIM", "PSNR dB, object", "SSIM, object")
        .append(lpips ? " LPIPS |" : "")
        .append(
            " silhouette IoU | inner sharpness | own camera dB | to reference dB | diversity |\n");
    line("| --- | --- " + "| ---: ".repeat(lpips ? 11 : 10) + "|");
    for (String predictor : predictors()) {
      for (String kind : List.of(Evaluation.SAMPLE, Evaluation.MEAN)) {
        String key = predictor + "/" + kind + "/";
        MetricSummary psnr = report.metrics().get(key + "psnr" + group);
        if (psnr != null) {
          row(
              predictor,
              image(predictor, kind),
              String.valueOf(psnr.count()),
              format("%.2f ± %.2f", psnr.mean(), psnr.standardError()),
              mean(key + "ssim" + group, "%.3f", 1),
              mean(key + "psnr_foreground" + group, "%.2f", 1),
              mean(key + "ssim_foreground" + group, "%.3f", 1));
          if (lpips) {
            cell(mean(key + "lpips" + group, "%.3f", 1));
          }
          cell(mean(key + "silhouette_iou" + group, "%.3f", 1));
          cell(mean(key + "inner_sharpness" + group, "%.0f %%", 100));
          cell(mean(key + "own_psnr" + group, "%.2f", 1));
          cell(mean(key + "reference_psnr" + group, "%.2f", 1));
          cell(mean(key + "diversity" + group, "%.3f", 1));
          text.append('\n');
        }
      }
    }
  }

  private void angles() {
    row("predictor", "image");
    RelativeAngle.BINS.forEach(bin -> cell(bin + " (pairs)"));
    text.append('\n');
    line("| --- | --- " + "| ---: ".repeat(RelativeAngle.BINS.size()) + "|");
    for (String predictor : predictors()) {
      for (String kind : List.of(Evaluation.SAMPLE, Evaluation.MEAN)) {
        String key = predictor + "/" + kind + "/psnr";
        if (report.metrics().containsKey(key)) {
          row(predictor, image(predictor, kind));
          for (String bin : RelativeAngle.BINS) {
            MetricSummary psnr = report.metrics().get(key + "/" + bin);
            cell(psnr == null ? NOTHING : format("%.2f (%d)", psnr.mean(), psnr.count()));
          }
          text.append('\n');
        }
      }
    }
  }

  /** Tells how well the colours of the truth itself show its silhouette: pale objects vanish. */
  private void ceiling() {
    String iou = mean(PairScorer.TRUTH + "/sample/silhouette_iou", "%.3f", 1);
    if (!iou.equals(NOTHING)) {
      line("");
      line("Silhouettes found by colour in the true images have an IoU of " + iou + ".");
    }
  }

  private void speed() {
    boolean titled = false;
    for (String predictor : predictors()) {
      String key = predictor + "/" + Evaluation.SAMPLE + "/milliseconds_per_";
      if (report.metrics().containsKey(key + "image")) {
        if (!titled) {
          line("");
          row("predictor", "ms an image", "ms a pass").append('\n');
          line("| --- | ---: | ---: |");
          titled = true;
        }
        row(predictor, mean(key + "image", "%.1f", 1), mean(key + "pass", "%.1f", 1));
        text.append('\n');
      }
    }
  }

  private void orbits() {
    boolean titled = false;
    for (String predictor : predictors()) {
      String key = predictor + OrbitEvaluation.ORBIT;
      MetricSummary flicker = report.metrics().get(key + "flicker");
      if (flicker != null) {
        if (!titled) {
          line("");
          row("orbits of", "flicker", "× the truth's").append('\n');
          line("| --- | ---: | ---: |");
          titled = true;
        }
        row(
            predictor,
            format("%.4f ± %.4f", flicker.mean(), flicker.standardError()),
            mean(key + "flicker_share", "%.1f", 1));
        text.append('\n');
      }
    }
  }

  /** Returns the predictors in the order of the report, or sorted if it gives none. */
  private Set<String> predictors() {
    Set<String> names = new LinkedHashSet<>();
    String listed = report.setup().get("predictors");
    if (listed != null) {
      names.addAll(List.of(listed.split(", ")));
    }
    report.metrics().keySet().forEach(key -> names.add(key.substring(0, slash(key))));
    return names;
  }

  private static int slash(String key) {
    return key.indexOf('/') < 0 ? key.length() : key.indexOf('/');
  }

  private String image(String predictor, String kind) {
    if (kind.equals(Evaluation.MEAN)) {
      return "mean of " + report.setup().getOrDefault("seeds", "seeds");
    }
    // A predictor without passes is a baseline, which draws no samples.
    boolean model = report.metrics().containsKey(predictor + "/sample/milliseconds_per_image");
    return model ? "one sample" : NOTHING;
  }

  private String mean(String key, String pattern, double factor) {
    MetricSummary summary = report.metrics().get(key);
    return summary == null ? NOTHING : format(pattern, factor * summary.mean());
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  private StringBuilder row(String... cells) {
    text.append('|');
    for (String cell : cells) {
      cell(cell);
    }
    return text;
  }

  private void cell(String cell) {
    text.append(' ').append(cell).append(" |");
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
