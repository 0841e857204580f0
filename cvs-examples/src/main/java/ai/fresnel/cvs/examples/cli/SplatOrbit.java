package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.image.AnimatedGif;
import ai.fresnel.cvs.examples.image.ImageFiles;
import ai.fresnel.cvs.examples.splat.CameraSway;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.SplatImage;
import ai.fresnel.cvs.splat.SplatRenderer;
import ai.fresnel.cvs.train.monitor.ContactSheet;
import ai.fresnel.cvs.train.splat.SplatView;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Images of Gaussians from a closed path of cameras: an animation and a contact sheet. */
final class SplatOrbit {
  private static final String SHEET = "sheet.png";
  private static final String ANIMATION = "orbit.gif";
  private static final int COLUMNS = 6;
  private static final int SHEET_IMAGES = 12;
  private static final int TURN_HUNDREDTHS = 300;

  /** Object lengths from the middle, as of the views of view sets. */
  private static final double DISTANCE = 1.85;

  /** The share of the Gaussians that lies within the length: a few may be far away. */
  private static final double WITHIN = 0.98;

  /** Of an opacity of 0.27: fainter ones say little of where the object is. */
  private static final float LEAST_LOGIT = -1;

  private final List<BufferedImage> frames = new ArrayList<>();

  private SplatOrbit() {}

  /** Draws from a ring of cameras around the middle of most Gaussians. */
  static SplatOrbit of(GaussianCloud cloud, OrbitOptions options) {
    GaussianArrays arrays = cloud.arrays();
    double[] middle = new double[3];
    double reach = middle(solid(arrays), middle);
    double radius = options.radius == null ? DISTANCE * 2 * reach : options.radius;
    List<CameraPose> ring = new ArrayList<>();
    for (int i = 0; i < options.views; i++) {
      double[] eye =
          CameraPose.orbit(
                  2 * Math.PI * i / options.views, Math.toRadians(options.elevation), radius)
              .position();
      for (int k = 0; k < 3; k++) {
        eye[k] += middle[k];
      }
      ring.add(CameraPose.lookAt(eye, middle));
    }
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, options.size);
    return of(cloud, ring, lens);
  }

  /** Draws from where a scene was photographed, with the lens of its views. */
  static SplatOrbit among(List<SplatView> views, GaussianCloud cloud, OrbitOptions options) {
    List<CameraPose> cameras = views.stream().map(view -> view.view().pose()).toList();
    Intrinsics theirs = views.get(0).view().intrinsics();
    double zoom = (double) options.size / theirs.width();
    double focal = zoom * theirs.fx();
    double half = options.size / 2.0;
    Intrinsics lens = new Intrinsics(focal, focal, half, half, options.size, options.size);
    return of(cloud, CameraSway.among(cameras, options.views), lens);
  }

  private static SplatOrbit of(GaussianCloud cloud, List<CameraPose> path, Intrinsics lens) {
    SplatOrbit orbit = new SplatOrbit();
    SplatRenderer renderer = SplatRenderer.onWhite();
    path.forEach(pose -> orbit.frames.add(buffered(renderer.render(cloud, pose, lens))));
    return orbit;
  }

  /** Returns the means of Gaussians that can be seen, or of all if none can. */
  private static float[] solid(GaussianArrays arrays) {
    float[] means = new float[arrays.means().length];
    int length = 0;
    for (int i = 0; i < arrays.size(); i++) {
      if (arrays.opacityLogits()[i] >= LEAST_LOGIT) {
        System.arraycopy(arrays.means(), 3 * i, means, length, 3);
        length += 3;
      }
    }
    return length == 0 ? arrays.means() : Arrays.copyOf(means, length);
  }

  /** Finds the middle of most Gaussians. Returns the distance within which they are. */
  private static double middle(float[] means, double[] middle) {
    int count = means.length / 3;
    for (int k = 0; k < 3; k++) {
      float[] along = new float[count];
      for (int i = 0; i < count; i++) {
        along[i] = means[3 * i + k];
      }
      Arrays.sort(along);
      int left = (int) ((1 - WITHIN) / 2 * (count - 1));
      middle[k] = 0.5 * (along[left] + along[count - 1 - left]);
    }
    double[] distances = new double[count];
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < 3; k++) {
        distances[i] += Math.pow(means[3 * i + k] - middle[k], 2);
      }
    }
    Arrays.sort(distances);
    return Math.max(1e-3, Math.sqrt(distances[(int) (WITHIN * (count - 1))]));
  }

  private static BufferedImage buffered(SplatImage image) {
    BufferedImage buffered =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < image.alpha().length; i++) {
      int argb = 0;
      for (int c = 0; c < 3; c++) {
        float light = Math.max(0, Math.min(1, image.rgb()[3 * i + c]));
        argb = argb << 8 | Math.round(255 * light);
      }
      buffered.setRGB(i % image.width(), i / image.width(), argb);
    }
    return buffered;
  }

  /** Writes the files, and returns them. */
  List<Path> write(Path folder) throws IOException {
    ContactSheet sheet = ContactSheet.of(COLUMNS);
    int shown = Math.min(SHEET_IMAGES, frames.size());
    for (int i = 0; i < shown; i++) {
      int frame = i * frames.size() / shown;
      sheet.add(ImageFiles.channels(frames.get(frame)), "view " + frame);
    }
    Path sheetFile = folder.resolve(SHEET);
    sheet.write(sheetFile);
    Path animation = folder.resolve(ANIMATION);
    int hundredths = Math.max(4, TURN_HUNDREDTHS / frames.size());
    ImageFiles.write(animation, AnimatedGif.of(frames, hundredths));
    return List.of(sheetFile, animation);
  }
}
