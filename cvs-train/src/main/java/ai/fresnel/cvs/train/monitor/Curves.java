package ai.fresnel.cvs.train.monitor;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.train.image.PngBytes;
import com.google.gson.JsonObject;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws the metrics of one or several runs as one image: loss and validation, loss by sigma (for a
 * single run), gradient norm, learning rate and speed, over the samples seen.
 *
 * <p>{@code Curves.of(List.of(run)).write(Path.of("curves.png"))}
 */
public final class Curves {

  private static final int WIDTH = 1600;
  private static final int TOP = 560;
  private static final int PANEL = 380;
  private static final float FAINT = 0.25f;

  /** Okabe and Ito's colours, which colour-blind people can distinguish. */
  private static final Color[] RUNS = {
    new Color(0x0072b2),
    new Color(0xd55e00),
    new Color(0x009e73),
    new Color(0xcc79a7),
    new Color(0xe69f00),
    new Color(0x56b4e9),
    new Color(0x000000),
  };

  /** Viridis, from low sigma to high. */
  private static final Color[] SIGMAS = {
    new Color(0x440154),
    new Color(0x46327e),
    new Color(0x365c8d),
    new Color(0x277f8e),
    new Color(0x1fa187),
    new Color(0x4ac16d),
    new Color(0xa0da39),
    new Color(0xe5c810),
  };

  private final Map<String, List<JsonObject>> runs;

  private Curves(Map<String, List<JsonObject>> runs) {
    this.runs = runs;
  }

  /**
   * Reads the metrics of runs so far.
   *
   * @param folders the runs' folders, 1 to 7 of them; each is named by its folder's name
   * @return the curves
   * @throws IllegalArgumentException if there are none or more than there are colours
   * @throws IOException if a run's metrics cannot be read or hold nothing yet
   */
  public static Curves of(List<Path> folders) throws IOException {
    if (folders.isEmpty() || folders.size() > RUNS.length) {
      throw new IllegalArgumentException(
          folders.size() + " runs, expected 1 to " + RUNS.length + " in one image");
    }
    Map<String, List<JsonObject>> runs = new LinkedHashMap<>();
    for (Path folder : folders) {
      Path file = folder.resolve(MetricsFile.NAME);
      if (!Files.exists(file)) {
        throw new IOException(folder + " is no run: it has no " + MetricsFile.NAME);
      }
      List<JsonObject> entries = new MetricsFile(folder).read();
      if (entries.isEmpty()) {
        throw new IOException(file + " holds nothing yet, expected a line of metrics");
      }
      Path name = folder.toAbsolutePath().normalize().getFileName();
      runs.put(runs.containsKey(String.valueOf(name)) ? folder.toString() : name + "", entries);
    }
    return new Curves(runs);
  }

  /**
   * Draws the curves.
   *
   * @param png the file; its folder is made, an older file is replaced
   * @throws IOException if it cannot be written, or this Java cannot draw text
   */
  public void write(Path png) throws IOException {
    BufferedImage image;
    try {
      image = draw();
    } catch (RuntimeException | LinkageError | InternalError e) {
      // java.awt throws many kinds of errors on bare servers, none of which says what is missing.
      throw new IOException(
          png + ": curves need a Java that can draw text, with at least one font installed: " + e,
          e);
    }
    Files.createDirectories(png.toAbsolutePath().getParent());
    AtomicFiles.writeUnflushed(png, PngBytes.of(image));
  }

  private BufferedImage draw() {
    List<Panel> small = new ArrayList<>();
    Panel bySigma = bySigma();
    if (bySigma != null) {
      small.add(bySigma);
    }
    small.add(simple("Gradient norm before clipping", true, "gradient_norm"));
    small.add(simple("Learning rate", false, "learning_rate"));
    small.add(simple("Speed, samples a second", false, "samples_per_second"));
    int rows = (small.size() + 1) / 2;
    BufferedImage image = new BufferedImage(WIDTH, TOP + rows * PANEL, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, image.getWidth(), image.getHeight());
    loss().paint(g, 0, 0, WIDTH, TOP);
    for (int i = 0; i < small.size(); i++) {
      // The last of an odd number takes the whole row.
      boolean alone = i == small.size() - 1 && i % 2 == 0;
      int width = alone ? WIDTH : WIDTH / 2;
      small.get(i).paint(g, i % 2 * (WIDTH / 2), TOP + i / 2 * PANEL, width, PANEL);
    }
    g.dispose();
    return image;
  }

  private Panel loss() {
    Panel panel = new Panel("Loss", true);
    int color = 0;
    for (Map.Entry<String, List<JsonObject>> run : runs.entrySet()) {
      String prefix = runs.size() == 1 ? "" : run.getKey() + ": ";
      RunCurve loss = RunCurve.of(run.getValue(), "loss");
      panel.faint(loss, RUNS[color], FAINT);
      panel.line(prefix + "training, smoothed", loss.smoothed(), RUNS[color]);
      Color dots = runs.size() == 1 ? RUNS[1] : RUNS[color];
      panel.dots(prefix + "validation", RunCurve.of(run.getValue(), "validation"), dots);
      color++;
    }
    return panel;
  }

  /** Returns null for several runs, or without losses by sigma. */
  private Panel bySigma() {
    if (runs.size() > 1) {
      return null;
    }
    Panel panel = new Panel("Loss by sigma, smoothed", true);
    List<JsonObject> entries = runs.values().iterator().next();
    List<String> names = SigmaBins.names();
    for (int i = 0; i < names.size(); i++) {
      RunCurve curve = RunCurve.of(entries, "loss_by_sigma", names.get(i));
      panel.line(names.get(i).replace("-up", "+").replace('-', '–'), curve.smoothed(), SIGMAS[i]);
    }
    return panel.isEmpty() ? null : panel;
  }

  private Panel simple(String title, boolean logarithmic, String name) {
    Panel panel = new Panel(title, logarithmic);
    int color = 0;
    for (Map.Entry<String, List<JsonObject>> run : runs.entrySet()) {
      panel.line(run.getKey(), RunCurve.of(run.getValue(), name), RUNS[color++]);
    }
    if (runs.size() == 1) {
      panel.hideLegend();
    }
    return panel;
  }
}
