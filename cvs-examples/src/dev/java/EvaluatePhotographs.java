import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.eval.ImageMetrics;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Measures views drawn from one, two, three and more photographs of an object.
 *
 * <p>Usage: {@code java -cp CLASSES EvaluatePhotographs.java MODEL VIEWSET OBJECTS MOST SEED LAYOUT
 * TARGETS SHEET.png}. Draws OBJECTS objects of the test split and an order of each one's views by
 * the seed. The first view of that order is the first photograph. The others, up to MOST, are the
 * next ones with the layout {@code random}; with {@code spread} each is the view that is farthest
 * from the photographs so far, as one who walks around an object takes them. The next TARGETS views
 * are drawn from the first photograph alone, from the first two and so on. Prints the mean PSNR
 * by number of photographs, of all views and of those whose camera is 120 to 180 degrees, 60 to 120
 * and less than 60 from the first photograph's. The sheet has a row an object: the photographs, the
 * view that is farthest from the first one, and its truth.
 */
public final class EvaluatePhotographs {

  private static final double[] ANGLES = {0, 60, 120, 181};

  private EvaluatePhotographs() {}

  public static void main(String[] args) throws Exception {
    ViewSet set = ViewSet.open(Path.of(args[1]));
    Random random = new Random(Long.parseLong(args[4]));
    List<String> ids = new ArrayList<>(set.ids(Split.TEST));
    Collections.shuffle(ids, random);
    ids = ids.subList(0, Integer.parseInt(args[2]));
    int most = Integer.parseInt(args[3]);
    double[][] sums = new double[most][ANGLES.length];
    int[] counts = new int[ANGLES.length];
    List<int[][]> rows = new ArrayList<>();
    int side = 0;
    try (ViewSynthesizer cvs = ViewSynthesizer.load(Path.of(args[0]))) {
      for (String id : ids) {
        ViewObject object = set.object(id);
        List<View> views = new ArrayList<>();
        for (int i = 0; i < object.size(); i++) {
          views.add(object.read(i));
        }
        Collections.shuffle(views, random);
        if (args[5].equals("spread")) {
          spread(views, most);
        }
        views = views.subList(0, Math.min(views.size(), most + Integer.parseInt(args[6])));
        side = views.get(0).intrinsics().width();
        rows.add(measure(cvs, views, most, sums, counts));
      }
    }
    System.out.println("photographs | all | below 60 | 60 to 120 | 120 to 180 degrees");
    for (int k = 0; k < most; k++) {
      StringBuilder line = new StringBuilder("" + (k + 1));
      for (int a : new int[] {3, 0, 1, 2}) {
        line.append(String.format(Locale.ROOT, " | %.2f", sums[k][a] / counts[a]));
      }
      System.out.println(line);
    }
    System.out.printf("%d, %d, %d, %d views%n", counts[3], counts[0], counts[1], counts[2]);
    sheet(rows, side, Path.of(args[7]));
  }

  /** Moves the photographs to the front. */
  private static void spread(List<View> views, int most) {
    for (int k = 1; k < most; k++) {
      int best = k;
      for (int i = k; i < views.size(); i++) {
        best = distance(views, k, i) > distance(views, k, best) ? i : best;
      }
      Collections.swap(views, k, best);
    }
  }

  /** The angle of a view to the nearest of the first k. */
  private static double distance(List<View> views, int k, int i) {
    return views.subList(0, k).stream()
        .mapToDouble(view -> angle(view.pose(), views.get(i).pose()))
        .min()
        .orElseThrow();
  }

  private static int[][] measure(
      ViewSynthesizer cvs, List<View> views, int most, double[][] sums, int[] counts) {
    CameraPose source = views.get(0).pose();
    List<View> targets = views.subList(most, views.size());
    List<CameraPose> cameras = targets.stream().map(View::pose).toList();
    int size = views.get(0).intrinsics().width();
    ImageMetrics metrics = new ImageMetrics(3, size, size);
    int farthest = 0;
    for (int i = 0; i < targets.size(); i++) {
      counts[band(source, cameras.get(i))]++;
      counts[3]++;
      farthest = angle(source, cameras.get(i)) > angle(source, cameras.get(farthest)) ? i : farthest;
    }
    int[][] row = new int[2 * most + 1][];
    ViewRequest request =
        ViewRequest.of(photograph(views.get(0)), source, cameras).withFraming(Framing.WHOLE);
    for (int k = 0; k < most; k++) {
      if (k > 0) {
        request = request.and(photograph(views.get(k)), views.get(k).pose());
      }
      ViewResult result = cvs.generate(request);
      for (int i = 0; i < targets.size(); i++) {
        double psnr = metrics.psnr(planes(result.images().get(i)), targets.get(i).onWhite());
        sums[k][band(source, cameras.get(i))] += psnr;
        sums[k][3] += psnr;
      }
      row[k] = pixels(views.get(k).onWhite(), size);
      row[most + k] = pixels(planes(result.images().get(farthest)), size);
    }
    row[2 * most] = pixels(targets.get(farthest).onWhite(), size);
    return row;
  }

  private static Photograph photograph(View view) {
    int size = view.intrinsics().width();
    return Photograph.ofRgba(view.rgba(), size, size);
  }

  private static int band(CameraPose a, CameraPose b) {
    double angle = angle(a, b);
    return angle < ANGLES[1] ? 0 : angle < ANGLES[2] ? 1 : 2;
  }

  /** The angle between the directions from the object to both cameras. */
  private static double angle(CameraPose a, CameraPose b) {
    double[] p = a.position();
    double[] q = b.position();
    return Math.toDegrees(
        Math.acos(Vectors.dot(p, q) / Math.sqrt(Vectors.dot(p, p) * Vectors.dot(q, q))));
  }

  private static float[] planes(ai.djl.modality.cv.Image image) {
    BufferedImage pixels = (BufferedImage) image.getWrappedImage();
    int side = pixels.getWidth();
    float[] planes = new float[3 * side * side];
    for (int i = 0; i < planes.length; i++) {
      int at = i % (side * side);
      int rgb = pixels.getRGB(at % side, at / side);
      planes[i] = (rgb >> 16 - 8 * (i / (side * side)) & 255) / 127.5f - 1;
    }
    return planes;
  }

  private static int[] pixels(float[] planes, int size) {
    int[] rgb = new int[size * size];
    for (int i = 0; i < rgb.length; i++) {
      for (int c = 0; c < 3; c++) {
        rgb[i] = rgb[i] << 8 | Math.round(planes[c * rgb.length + i] * 127.5f + 127.5f);
      }
    }
    return rgb;
  }

  private static void sheet(List<int[][]> rows, int size, Path file) throws Exception {
    int columns = rows.get(0).length;
    BufferedImage all =
        new BufferedImage(columns * size, rows.size() * size, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < rows.size(); y++) {
      for (int x = 0; x < columns; x++) {
        all.setRGB(x * size, y * size, size, size, rows.get(y)[x], 0, size);
      }
    }
    ImageIO.write(all, "png", file.toFile());
  }
}
