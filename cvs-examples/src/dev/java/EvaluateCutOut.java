import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.cutout.Box;
import ai.fresnel.cvs.cutout.CutOutHints;
import ai.fresnel.cvs.cutout.Stroke;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.awt.image.BufferedImage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Measures how well objects are cut out of busy backgrounds.
 *
 * <p>Usage: {@code java -cp CLASSES EvaluateCutOut.java VIEWSET IMAGES SEED SHEET.png}. Composes
 * IMAGES views over five kinds of background in turn: smooth noise in colours, stripes and planks,
 * a checked cloth under uneven light, rectangles and discs (clutter), and another object's views.
 * All get sensor noise. Prints the intersection over union of mask and truth (mean, and mean of the
 * worst tenth) of the box itself, the plain-background key, GrabCut inside the box grown by 5 % of
 * its longer side, and the same with two strokes: one on the object and one on the background, each
 * where most of the mask is wrong, as a person would draw it. The fringe is the mean difference of
 * both composites on white, in levels, where truth is translucent, with and without estimated
 * colours. The sheet has a row an image: the photograph, and the cut-outs on white.
 */
public final class EvaluateCutOut {

  private static final String[] METHODS = {
    "the box itself", "plain-background key", "GrabCut, box", "GrabCut, box and two strokes"
  };
  private static final String[] KINDS = {"noise", "planks", "cloth", "clutter", "other object"};

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private EvaluateCutOut() {}

  public static void main(String[] args) throws Exception {
    ViewSet set = ViewSet.open(Path.of(args[0]));
    Random random = new Random(Long.parseLong(args[2]));
    List<String> ids = new ArrayList<>(set.ids());
    Collections.shuffle(ids, random);
    int images = Integer.parseInt(args[1]);
    double[][] scores = new double[METHODS.length][images];
    List<BufferedImage> rows = new ArrayList<>();
    int refused = 0;
    double[] fringe = new double[2];
    long nanos = 0;
    for (int i = 0; i < images; i++) {
      View view = view(set, ids.get(i % ids.size()), i);
      int size = view.intrinsics().width();
      byte[] truth = view.rgba();
      View other = view(set, ids.get((i + 1) % ids.size()), i + 1);
      byte[] pixels = composed(truth, background(i % KINDS.length, size, other, random), random);
      Photograph photograph = Photograph.ofRgba(pixels, size, size);
      Box tight = box(truth, size);
      Box box = tight.grown(0.05 * Math.max(tight.width(), tight.height()));
      byte[][] masks = new byte[METHODS.length][];
      masks[0] = filled(tight, size);
      try {
        masks[1] = photograph.cutOut().alpha();
      } catch (IllegalArgumentException e) {
        refused++;
        masks[1] = new byte[size * size];
      }
      CutOutHints hints = CutOutHints.inside(box);
      long start = THREADS.getCurrentThreadCpuTime();
      Photograph cut = cut(photograph, hints);
      nanos += THREADS.getCurrentThreadCpuTime() - start;
      masks[2] = cut.alpha();
      Photograph better = cut(photograph, strokes(hints, masks[2], truth, size));
      masks[3] = better.alpha();
      for (int m = 0; m < METHODS.length; m++) {
        scores[m][i] = overlap(masks[m], truth);
      }
      measureFringe(photograph, truth, pixels, size, fringe);
      rows.add(row(pixels, truth, size, cut, better));
      System.out.printf(
          Locale.ROOT,
          "%2d %-12s %.3f %.3f %.3f %.3f %s%n",
          i,
          KINDS[i % KINDS.length],
          scores[0][i],
          scores[1][i],
          scores[2][i],
          scores[3][i],
          ids.get(i % ids.size()));
    }
    print(scores, images);
    System.out.printf(
        Locale.ROOT,
        "the key refused %d of %d; %.0f ms of a core a cut; fringe %.1f, with estimated colours %.1f%n",
        refused,
        images,
        nanos / 1e6 / images,
        fringe[0] / images,
        fringe[1] / images);
    sheet(rows, Path.of(args[3]));
  }

  private static void print(double[][] scores, int images) {
    StringBuilder head = new StringBuilder("| mask | mean | worst tenth |");
    for (String kind : KINDS) {
      head.append(' ').append(kind).append(" |");
    }
    System.out.println(head);
    for (int m = 0; m < METHODS.length; m++) {
      double[] kinds = new double[KINDS.length];
      for (int i = 0; i < images; i++) {
        kinds[i % KINDS.length] += scores[m][i] / ((images + KINDS.length - 1) / KINDS.length);
      }
      double mean = Arrays.stream(scores[m]).average().orElse(0);
      Arrays.sort(scores[m]);
      double worst = Arrays.stream(scores[m], 0, Math.max(1, images / 10)).average().orElse(0);
      StringBuilder line = new StringBuilder("| " + METHODS[m]);
      line.append(String.format(Locale.ROOT, " | %.3f | %.3f |", mean, worst));
      for (double kind : kinds) {
        line.append(String.format(Locale.ROOT, " %.3f |", kind));
      }
      System.out.println(line);
    }
  }

  private static View view(ViewSet set, String id, int i) throws Exception {
    ViewObject object = set.object(id);
    return object.read(i % object.size());
  }

  /** A cut that finds nothing is an empty mask. */
  private static Photograph cut(Photograph photograph, CutOutHints hints) {
    try {
      return photograph.cutOutBy(hints);
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
      int pixels = photograph.width() * photograph.height();
      return Photograph.ofRgba(new byte[4 * pixels], photograph.width(), photograph.height());
    }
  }

  private static Box box(byte[] rgba, int size) {
    int[] box = {size, size, 0, 0};
    for (int i = 0; i < size * size; i++) {
      if ((rgba[4 * i + 3] & 255) >= 128) {
        box[0] = Math.min(box[0], i % size);
        box[1] = Math.min(box[1], i / size);
        box[2] = Math.max(box[2], i % size + 1);
        box[3] = Math.max(box[3], i / size + 1);
      }
    }
    return new Box(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  }

  private static byte[] filled(Box box, int size) {
    byte[] mask = new byte[size * size];
    for (int y = (int) box.y(); y < box.y() + box.height(); y++) {
      int from = y * size + (int) box.x();
      Arrays.fill(mask, from, from + (int) box.width(), (byte) 255);
    }
    return mask;
  }

  private static double overlap(byte[] mask, byte[] truth) {
    int both = 0;
    int any = 0;
    for (int i = 0; i < mask.length; i++) {
      boolean a = (mask[i] & 255) >= 128;
      boolean b = (truth[4 * i + 3] & 255) >= 128;
      both += a && b ? 1 : 0;
      any += a || b ? 1 : 0;
    }
    return any == 0 ? 1 : (double) both / any;
  }

  /** A stroke on what is missing, and one on what is too much, each through the largest spot. */
  private static CutOutHints strokes(CutOutHints hints, byte[] mask, byte[] truth, int size) {
    boolean[] missing = new boolean[mask.length];
    boolean[] extra = new boolean[mask.length];
    for (int i = 0; i < mask.length; i++) {
      boolean a = (mask[i] & 255) >= 128;
      missing[i] = !a && truth[4 * i + 3] == (byte) 255;
      extra[i] = a && truth[4 * i + 3] == 0;
    }
    CutOutHints better = hints;
    Stroke object = stroke(missing, size);
    Stroke ground = stroke(extra, size);
    better = object == null ? better : better.withObject(object);
    return ground == null ? better : better.withBackground(ground);
  }

  /** The longest run of pixels across or down with its neighbours beside it; null if none. */
  private static Stroke stroke(boolean[] wrong, int size) {
    Stroke best = null;
    int longest = 3;
    for (int line = 1; line < 2 * size - 1; line++) {
      boolean across = line < size;
      int at = line % size;
      int run = 0;
      for (int k = 0; at > 0 && at < size - 1 && k < size; k++) {
        boolean wide = true;
        for (int side = -1; side <= 1; side++) {
          wide &= wrong[across ? (at + side) * size + k : k * size + at + side];
        }
        run = wide ? run + 1 : 0;
        if (run > longest) {
          longest = run;
          double from = k - run + 1.5;
          double to = k + 0.5;
          best =
              across
                  ? new Stroke(from, at + 0.5, to, at + 0.5, 1)
                  : new Stroke(at + 0.5, from, at + 0.5, to, 1);
        }
      }
    }
    return best;
  }

  private static byte[] composed(byte[] object, float[] ground, Random random) {
    byte[] pixels = new byte[object.length];
    for (int i = 0; i < object.length; i += 4) {
      float alpha = (object[i + 3] & 255) / 255f;
      for (int c = 0; c < 3; c++) {
        double value = alpha * (object[i + c] & 255) + (1 - alpha) * ground[3 * i / 4 + c];
        value += 2 * random.nextGaussian();
        pixels[i + c] = (byte) Math.round(Math.min(255, Math.max(0, value)));
      }
      pixels[i + 3] = (byte) 255;
    }
    return pixels;
  }

  private static float[] colour(Random random) {
    return new float[] {
      30 + 200 * random.nextFloat(), 30 + 200 * random.nextFloat(), 30 + 200 * random.nextFloat()
    };
  }

  private static float[] background(int kind, int size, View other, Random random) {
    float[] first = colour(random);
    float[] second = colour(random);
    float[] coarse = noise(size, 64, random);
    float[] fine = noise(size, 8, random);
    float[] ground = new float[3 * size * size];
    double turn = random.nextDouble() * Math.PI;
    byte[] rgba = other.rgba();
    for (int i = 0; i < size * size; i++) {
      double x = i % size;
      double y = i / size;
      double along = x * Math.cos(turn) + y * Math.sin(turn);
      double beside = y * Math.cos(turn) - x * Math.sin(turn);
      float share =
          switch (kind) {
            case 0, 3 -> 0.7f * coarse[i] + 0.3f * fine[i];
            case 1 -> (float) (Math.floorMod((long) (along / 22), 5) / 4.0 * 0.7) + 0.3f * fine[i];
            case 2 -> Math.floorMod((long) (along / 14) + (long) (beside / 14), 2);
            default -> 0.5f * coarse[i] + 0.2f * fine[i];
          };
      for (int c = 0; c < 3; c++) {
        float value = first[c] + share * (second[c] - first[c]);
        value *= kind == 2 ? 0.6f + 0.6f * coarse[i] : 0.9f + 0.2f * fine[i];
        if (kind == 4) {
          // The other object, enlarged about the middle and turned upside down.
          int u = (int) (size / 2 + (x - size / 2.0) / 1.6);
          int v = size - 1 - (int) (size / 2 + (y - size / 2.0) / 1.6);
          int at = 4 * (v * size + u);
          float alpha = (rgba[at + 3] & 255) / 255f;
          value = alpha * (rgba[at + c] & 255) + (1 - alpha) * value;
        }
        ground[3 * i + c] = value;
      }
    }
    for (int k = 0; kind == 3 && k < 40; k++) {
      float[] paint = colour(random);
      double cx = random.nextDouble() * size;
      double cy = random.nextDouble() * size;
      double rx = 8 + random.nextDouble() * 30;
      double ry = 8 + random.nextDouble() * 30;
      boolean disc = k % 2 == 0;
      for (int i = 0; i < size * size; i++) {
        double dx = (i % size - cx) / rx;
        double dy = (i / size - cy) / ry;
        if (disc ? dx * dx + dy * dy < 1 : Math.max(Math.abs(dx), Math.abs(dy)) < 1) {
          for (int c = 0; c < 3; c++) {
            ground[3 * i + c] = paint[c] * (0.8f + 0.4f * fine[i]);
          }
        }
      }
    }
    return ground;
  }

  /** Smooth noise from 0 to 1: three octaves of random values at the corners of cells. */
  private static float[] noise(int size, int cell, Random random) {
    float[] noise = new float[size * size];
    float weight = 0.57f;
    for (int step = cell; step >= Math.max(2, cell / 4); step /= 2, weight /= 2) {
      int corners = size / step + 2;
      float[] values = new float[corners * corners];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      for (int i = 0; i < noise.length; i++) {
        float x = (float) (i % size) / step;
        float y = (float) (i / size) / step;
        int at = (int) y * corners + (int) x;
        float u = x - (int) x;
        float v = y - (int) y;
        float upper = values[at] + u * (values[at + 1] - values[at]);
        float lower = values[at + corners] + u * (values[at + corners + 1] - values[at + corners]);
        noise[i] += weight * (upper + v * (lower - upper));
      }
    }
    return noise;
  }

  /** Compares composites on white by the true alpha, with mixed and with estimated colours. */
  private static void measureFringe(
      Photograph photograph, byte[] truth, byte[] mixed, int size, double[] sums) {
    byte[] mask = new byte[truth.length];
    for (int i = 0; i < truth.length; i += 4) {
      Arrays.fill(mask, i, i + 3, truth[i + 3]);
      mask[i + 3] = (byte) 255;
    }
    byte[] white = pixels(photograph.withMask(Photograph.ofRgba(mask, size, size)));
    double[] difference = new double[2];
    int count = 0;
    for (int i = 0; i < truth.length; i += 4) {
      int alpha = truth[i + 3] & 255;
      for (int c = 0; alpha > 0 && alpha < 255 && c < 3; c++) {
        double right = (alpha * (truth[i + c] & 255) + (255 - alpha) * 255) / 255.0;
        double old = (alpha * (mixed[i + c] & 255) + (255 - alpha) * 255) / 255.0;
        difference[0] += Math.abs(old - right);
        difference[1] += Math.abs((white[i + c] & 255) - right);
        count++;
      }
    }
    sums[0] += difference[0] / Math.max(1, count);
    sums[1] += difference[1] / Math.max(1, count);
  }

  /** A square photograph on white, RGBA. */
  private static byte[] pixels(Photograph photograph) {
    int size = photograph.width();
    float[] planes = photograph.framed(ai.fresnel.cvs.Framing.WHOLE, 1, size);
    byte[] rgba = new byte[4 * size * size];
    for (int i = 0; i < size * size; i++) {
      for (int c = 0; c < 3; c++) {
        rgba[4 * i + c] = (byte) Math.round(planes[c * size * size + i] * 127.5f + 127.5f);
      }
      rgba[4 * i + 3] = (byte) 255;
    }
    return rgba;
  }

  private static BufferedImage row(
      byte[] photograph, byte[] truth, int size, Photograph cut, Photograph better) {
    byte[][] cells = {
      photograph, pixels(Photograph.ofRgba(truth, size, size)), pixels(cut), pixels(better)
    };
    BufferedImage row = new BufferedImage(4 * size, size, BufferedImage.TYPE_INT_RGB);
    for (int k = 0; k < cells.length; k++) {
      for (int i = 0; i < size * size; i++) {
        int rgb =
            (cells[k][4 * i] & 255) << 16
                | (cells[k][4 * i + 1] & 255) << 8
                | (cells[k][4 * i + 2] & 255);
        row.setRGB(k * size + i % size, i / size, rgb);
      }
    }
    return row;
  }

  private static void sheet(List<BufferedImage> rows, Path file) throws Exception {
    int width = rows.get(0).getWidth();
    int height = rows.get(0).getHeight();
    int half = (rows.size() + 1) / 2;
    BufferedImage all =
        new BufferedImage(2 * width, half * height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < rows.size(); i++) {
      all.createGraphics().drawImage(rows.get(i), i / half * width, i % half * height, null);
    }
    ImageIO.write(all, "png", file.toFile());
  }
}
