package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.geometry.Pytorch3dPose;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.render.Lighting;
import ai.fresnel.cvs.train.render.Rasterizer;
import ai.fresnel.cvs.train.render.RenderedView;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/**
 * A procedural object rendered from cameras of a world that is turned, moved and scaled, written in
 * each of the layouts. x_world = SCALE · turn · x_object + MOVE.
 */
final class FakeCapture {

  static final int VIEWS = 10;

  private static final double SCALE = 3.5;
  private static final double[] MOVE = {4, -2, 7};
  private static final Intrinsics LENS = new Intrinsics(130, 128, 84, 57, 160, 120);

  private final Mesh mesh;
  private final Rasterizer rasterizer;
  private final List<RenderedView> images = new ArrayList<>();
  private double[] turn;

  FakeCapture() throws IOException {
    mesh = ProceduralScenes.sources(1, 5).get(0).load().mesh();
    rasterizer = new Rasterizer(mesh, Lighting.random(3), 3);
    Random random = new Random(2);
    for (int i = 0; i < VIEWS; i++) {
      double azimuth = 2 * Math.PI * i / VIEWS;
      double elevation = 0.2 + 0.4 * random.nextDouble();
      double[] eye =
          CameraPose.orbit(azimuth, elevation, 2.1 + 0.3 * random.nextDouble()).position();
      double[] aim = {0.1 * random.nextDouble(), 0.1 * random.nextDouble(), 0};
      double roll = 0.3 * (random.nextDouble() - 0.5);
      CameraPose level = CameraPose.lookAt(eye, aim);
      double[] z = {Math.cos(roll), -Math.sin(roll), 0, Math.sin(roll), Math.cos(roll), 0, 0, 0, 1};
      CameraPose pose =
          CameraPose.of(product(z, level.rotation()), Vectors.multiply(z, level.translation()));
      images.add(rasterizer.render(pose, LENS));
    }
  }

  RenderedView render(CameraPose pose, Intrinsics lens) {
    return rasterizer.render(pose, lens);
  }

  /** A point of the capture's world in the object's. */
  double[] toObject(double[] p) {
    double[] moved = new double[3];
    for (int c = 0; c < 3; c++) {
      moved[c] = (p[c] - MOVE[c]) / SCALE;
    }
    return turnToObject(moved);
  }

  double[] turnToObject(double[] direction) {
    return Vectors.multiplyTransposed(turn, direction);
  }

  /** The cosine of the angle between the object's up and the frame's. */
  double upAfter(CaptureFrame frame, CapturedObject object) {
    CapturedView view = object.views().get(0);
    double[] inCamera = frame.toCamera(view, new double[] {0, 0, 1});
    return turnToObject(Vectors.multiplyTransposed(view.pose().rotation(), inCamera))[2];
  }

  /** The camera of an image, in the capture's world. */
  private CameraPose pose(int i) {
    CameraPose pose = images.get(i).pose();
    double[] transposed = new double[9];
    for (int k = 0; k < 9; k++) {
      transposed[k] = turn[3 * (k % 3) + Math.floorDiv(k, 3)];
    }
    double[] rotation = product(pose.rotation(), transposed);
    double[] shift = Vectors.multiply(rotation, MOVE);
    double[] t = pose.translation();
    for (int c = 0; c < 3; c++) {
      t[c] = SCALE * t[c] - shift[c];
    }
    return CameraPose.of(rotation, t);
  }

  /** Points of the object's surface that an image shows, in the capture's world; three each. */
  double[][] surface(int image, int step) {
    RenderedView view = images.get(image);
    CameraPose pose = pose(image);
    List<double[]> points = new ArrayList<>();
    for (int p = 0; p < 160 * 120; p += step) {
      double z = SCALE * view.depth()[p];
      if (z > 0) {
        double x = (p % 160 + 0.5 - LENS.cx()) / LENS.fx() * z;
        double y = (Math.floorDiv(p, 160) + 0.5 - LENS.cy()) / LENS.fy() * z;
        double[] t = pose.translation();
        double[] inCamera = {x - t[0], y - t[1], z - t[2]};
        points.add(Vectors.multiplyTransposed(pose.rotation(), inCamera));
      }
    }
    return points.toArray(new double[0][]);
  }

  RenderedView image(int i) {
    return images.get(i);
  }

  void write(CaptureKind kind, Path root) throws IOException {
    double a = 0.7;
    double[] around = {Math.cos(a), -Math.sin(a), 0, Math.sin(a), Math.cos(a), 0, 0, 0, 1};
    double[] over = {1, 0, 0, 0, Math.cos(2), -Math.sin(2), 0, Math.sin(2), Math.cos(2)};
    turn = kind == CaptureKind.NERFSTUDIO ? around : product(over, around);
    switch (kind) {
      case NERFSTUDIO -> nerfstudio(root);
      case COLMAP -> colmap(root);
      case MVIMGNET -> colmap(root.resolve("7/0a1b"));
      case CO3D -> co3d(root);
    }
  }

  /** An image whose background is anything, and its mask; or one with alpha. */
  private void image(int i, Path image, Path mask) throws IOException {
    RenderedView view = images.get(i);
    int[] tiles = new Random(i).ints(100, 140, 230).map(grey -> grey * 0x010101).toArray();
    boolean alpha = mask == null;
    int type = alpha ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB;
    BufferedImage colours = new BufferedImage(160, 120, type);
    BufferedImage where = new BufferedImage(160, 120, BufferedImage.TYPE_BYTE_GRAY);
    for (int p = 0; p < 160 * 120; p++) {
      byte[] c = view.rgba();
      int opacity = c[4 * p + 3] & 255;
      int rgb =
          opacity == 0
              ? tiles[Math.floorDiv(p, 1920) * 10 + Math.floorDiv(p % 160, 16)]
              : (c[4 * p] & 255) << 16 | (c[4 * p + 1] & 255) << 8 | (c[4 * p + 2] & 255);
      colours.setRGB(p % 160, Math.floorDiv(p, 160), opacity << 24 | rgb);
      where.getRaster().setSample(p % 160, Math.floorDiv(p, 160), 0, opacity);
    }
    Files.createDirectories(image.getParent());
    ImageIO.write(colours, "png", image.toFile());
    if (!alpha) {
      Files.createDirectories(mask.getParent());
      ImageIO.write(where, "png", mask.toFile());
    }
  }

  private void nerfstudio(Path root) throws IOException {
    List<String> frames = new ArrayList<>();
    for (int i = 0; i < VIEWS; i++) {
      image(i, root.resolve(name("images/%03d.png", i)), null);
      double[] m = NerfstudioPose.fromCameraPose(pose(i));
      List<String> rows = new ArrayList<>();
      for (int row = 0; row < 4; row++) {
        rows.add(Arrays.toString(Arrays.copyOfRange(m, 4 * row, 4 * row + 4)));
      }
      frames.add(
          name("{\"file_path\": \"images/%03d.png\", \"transform_matrix\": ", i) + rows + "}");
    }
    Files.writeString(
        root.resolve("transforms.json"),
        "{\"camera_model\": \"OPENCV\", \"fl_x\": 130, \"fl_y\": 128, \"cx\": 84, \"cy\": 57,"
            + " \"w\": 160, \"h\": 120, \"frames\": "
            + frames
            + "}");
  }

  private void colmap(Path root) throws IOException {
    StringBuilder images = new StringBuilder("# two lines an image\n");
    for (int i = 0; i < VIEWS; i++) {
      String name = name("%03d.png", i);
      image(i, root.resolve("images").resolve(name), root.resolve("masks").resolve(name + ".png"));
      CameraPose pose = pose(i);
      images.append(i + 1);
      for (double value : quaternion(pose.rotation())) {
        images.append(' ').append(value);
      }
      for (double value : pose.translation()) {
        images.append(' ').append(value);
      }
      images.append(" 1 ").append(name).append("\n\n");
    }
    Path sparse = Files.createDirectories(root.resolve("sparse/0"));
    Files.writeString(sparse.resolve("cameras.txt"), "1 PINHOLE 160 120 130 128 84 57\n");
    Files.writeString(sparse.resolve("images.txt"), images);
  }

  private void co3d(Path root) throws IOException {
    List<String> frames = new ArrayList<>();
    for (int i = 0; i < VIEWS; i++) {
      String image = name("chair/1_2/images/frame%03d.png", i);
      String mask = name("chair/1_2/masks/frame%03d.png", i);
      image(i, root.resolve(image), root.resolve(mask));
      CameraPose pose = pose(i);
      double[] r = Pytorch3dPose.rotation(pose);
      List<String> rows = new ArrayList<>();
      for (int row = 0; row < 3; row++) {
        rows.add(Arrays.toString(Arrays.copyOfRange(r, 3 * row, 3 * row + 3)));
      }
      // Half the shorter side is 60 pixels.
      frames.add(
          "{\"sequence_name\": \"1_2\", \"image\": {\"path\": \""
              + image
              + "\", \"size\": [120, 160]}, \"mask\": {\"path\": \""
              + mask
              + "\", \"mass\": 1.0}, \"viewpoint\": {\"R\": "
              + rows
              + ", \"T\": "
              + Arrays.toString(Pytorch3dPose.translation(pose))
              + ", \"focal_length\": "
              + Arrays.toString(new double[] {130 / 60.0, 128 / 60.0})
              + ", \"principal_point\": "
              + Arrays.toString(new double[] {-4 / 60.0, 3 / 60.0})
              + ", \"intrinsics_format\": \"ndc_isotropic\"}}");
    }
    gzip(root.resolve("chair/frame_annotations.jgz"), frames.toString());
  }

  static void gzip(Path file, String text) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String name(String format, int i) {
    return String.format(Locale.ROOT, format, i);
  }

  /** Shepperd (1978): from the greatest component. */
  private static double[] quaternion(double[] r) {
    double[] q = new double[4];
    double[] squares = {
      1 + r[0] + r[4] + r[8], 1 + r[0] - r[4] - r[8], 1 - r[0] + r[4] - r[8], 1 - r[0] - r[4] + r[8]
    };
    int most = 0;
    for (int i = 1; i < 4; i++) {
      most = squares[i] > squares[most] ? i : most;
    }
    double[][] products = {
      {squares[0], r[7] - r[5], r[2] - r[6], r[3] - r[1]},
      {r[7] - r[5], squares[1], r[1] + r[3], r[2] + r[6]},
      {r[2] - r[6], r[1] + r[3], squares[2], r[5] + r[7]},
      {r[3] - r[1], r[2] + r[6], r[5] + r[7], squares[3]}
    };
    for (int i = 0; i < 4; i++) {
      q[i] = products[most][i] / (2 * Math.sqrt(squares[most]));
    }
    return q;
  }

  private static double[] product(double[] a, double[] b) {
    double[] c = new double[9];
    for (int k = 0; k < 27; k++) {
      int row = Math.floorDiv(k, 9);
      int column = Math.floorDiv(k, 3) % 3;
      c[3 * row + column] += a[3 * row + k % 3] * b[3 * (k % 3) + column];
    }
    return c;
  }
}
