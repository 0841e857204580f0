package ai.fresnel.cvs.train.fuzz;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.geometry.Pytorch3dPose;
import ai.fresnel.cvs.train.capture.CaptureConverter;
import ai.fresnel.cvs.train.capture.CaptureKind;
import ai.fresnel.cvs.train.capture.CaptureSource;
import java.awt.image.BufferedImage;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The readers of photographs with known cameras: three of 24×18 pixels. */
final class CaptureParsers {

  private static final int VIEWS = 3;
  private static final int WIDTH = 24;
  private static final int HEIGHT = 18;

  private CaptureParsers() {}

  /** Converts all objects of a folder, as the command does. */
  private static Parser.Reading reading(CaptureKind kind) {
    return root -> {
      for (CaptureSource source : kind.list(root)) {
        Checks.name(source.id());
        CaptureConverter.convert(source.load(), "fuzzed", 8, VIEWS);
      }
    };
  }

  private static CameraPose pose(int i) {
    return CameraPose.orbit(2 * i, 0.3, 3);
  }

  private static String rows(double[] m, int columns) {
    List<String> rows = new ArrayList<>();
    for (int at = 0; at < m.length; at += columns) {
      rows.add(Arrays.toString(Arrays.copyOfRange(m, at, at + columns)));
    }
    return rows.toString();
  }

  private static Seed.Folder images(String folder, String masks) {
    byte[] image = Packing.image("png", BufferedImage.TYPE_INT_RGB, WIDTH, HEIGHT);
    byte[] mask = Packing.image("png", BufferedImage.TYPE_BYTE_GRAY, WIDTH, HEIGHT);
    return root -> {
      Files.createDirectories(root.resolve(folder));
      Files.createDirectories(root.resolve(masks));
      for (int i = 0; i < VIEWS; i++) {
        Files.write(root.resolve(folder).resolve(i + ".png"), image);
        Files.write(root.resolve(masks).resolve(i + ".png"), mask);
      }
    };
  }

  private static String nerfstudio() {
    StringBuilder json =
        new StringBuilder(
            """
            {"camera_model": "OPENCV", "fl_x": 22, "fl_y": 21.5, "cx": 12, "cy": 9,
             "w": 24, "h": 18, "k1": 0.01, "k2": 0, "p1": 0.001, "p2": 0, "is_fisheye": false,
             "aabb_scale": 4, "frames": [
            """);
    for (int i = 0; i < VIEWS; i++) {
      String lens = i == 1 ? "\"camera_angle_x\": 1.0, \"fl_x\": 20, " : "";
      json.append("{\"file_path\": \"./images/" + i + ".png\", \"mask_path\": \"masks/" + i)
          .append(".png\", " + lens + "\"transform_matrix\": ")
          .append(rows(NerfstudioPose.fromCameraPose(pose(i)), 4))
          .append(i < VIEWS - 1 ? "},\n" : "}]}\n");
    }
    return json.toString();
  }

  private static String co3d() {
    StringBuilder json = new StringBuilder("[\n");
    for (int i = 0; i < VIEWS; i++) {
      String path = "chair/1_2/images/" + i + ".png\"";
      json.append("{\"sequence_name\": \"1_2\", \"frame_number\": " + i)
          .append(", \"image\": {\"path\": \"" + path + ", \"size\": [18, 24]}, \"mask\":")
          .append(" {\"path\": \"" + path.replace("images", "masks") + ", \"mass\": 1.0},")
          .append(" \"viewpoint\": {\"R\": " + rows(Pytorch3dPose.rotation(pose(i)), 3))
          .append(", \"T\": " + Arrays.toString(Pytorch3dPose.translation(pose(i))))
          .append(", \"focal_length\": [2.4, 2.4], \"principal_point\": [0.01, 0],")
          .append(" \"intrinsics_format\": \"ndc_isotropic\"}}")
          .append(i < VIEWS - 1 ? ",\n" : "\n]\n");
    }
    return json.toString();
  }

  private static final String TEXT_CAMERAS =
      """
      # cameras
      1 PINHOLE 24 18 22 21.5 12 9
      2 OPENCV 24 18 22 22 12 9 0.01 0 0 0
      3 SIMPLE_RADIAL 24 18 22 12 9 0.02
      """;

  /** The quaternion w, x, y, z of a camera's rotation; a half turn does not occur. */
  private static double[] quaternion(CameraPose pose) {
    double[] r = pose.rotation();
    double w = Math.sqrt(Math.max(1e-3, 1 + r[0] + r[4] + r[8])) / 2;
    return new double[] {
      w, (r[7] - r[5]) / (4 * w), (r[2] - r[6]) / (4 * w), (r[3] - r[1]) / (4 * w)
    };
  }

  private static String textImages() {
    StringBuilder text = new StringBuilder("# images\n");
    for (int i = 0; i < VIEWS; i++) {
      text.append(i + 1);
      for (double value : quaternion(pose(i))) {
        text.append(String.format(Locale.ROOT, " %.6f", value));
      }
      for (double value : pose(i).translation()) {
        text.append(String.format(Locale.ROOT, " %.6f", value));
      }
      text.append(" " + (i + 1) + " " + i + ".png\n1.5 2.5 -1 3.5 4.5 7\n");
    }
    return text.toString();
  }

  private static byte[] binaryCameras() {
    return Packing.bytes(
        bytes -> {
          DataOutputStream out = new DataOutputStream(bytes);
          out.writeLong(Long.reverseBytes(VIEWS));
          for (int i = 0; i < VIEWS; i++) {
            out.writeInt(Integer.reverseBytes(i + 1));
            out.writeInt(Integer.reverseBytes(1));
            out.writeLong(Long.reverseBytes(WIDTH));
            out.writeLong(Long.reverseBytes(HEIGHT));
            numbers(out, 22, 21.5, 12, 9);
          }
        });
  }

  private static byte[] binaryImages() {
    return Packing.bytes(
        bytes -> {
          DataOutputStream out = new DataOutputStream(bytes);
          out.writeLong(Long.reverseBytes(VIEWS));
          for (int i = 0; i < VIEWS; i++) {
            out.writeInt(Integer.reverseBytes(i + 1));
            numbers(out, quaternion(pose(i)));
            numbers(out, pose(i).translation());
            out.writeInt(Integer.reverseBytes(i + 1));
            out.write((i + ".png\0").getBytes(StandardCharsets.UTF_8));
            out.writeLong(Long.reverseBytes(1));
            numbers(out, 1.5, 2.5);
            out.writeLong(-1);
          }
        });
  }

  private static void numbers(DataOutputStream out, double... values) throws IOException {
    for (double value : values) {
      out.writeLong(Long.reverseBytes(Double.doubleToRawLongBits(value)));
    }
  }

  private static Seed.Folder and(Seed.Folder images, String file, byte[] content) {
    return root -> {
      images.write(root);
      Path path = root.resolve(file);
      Files.createDirectories(path.getParent());
      Files.write(path, content);
    };
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static List<Parser> all() {
    List<String> words =
        List.of(
            "\"file_path\"",
            "\"mask_path\"",
            "\"frames\"",
            "\"transform_matrix\"",
            "\"w\"",
            "\"camera_angle_x\": ",
            "\"camera_model\": \"SIMPLE_PINHOLE\",",
            "OPENCV_FISHEYE",
            "SIMPLE_RADIAL",
            "RADIAL",
            "FULL_OPENCV",
            "SIMPLE_PINHOLE",
            "\"k3\": 1,",
            "images/1.png",
            "../fuzzed-object/images/1.png",
            "..\\\\x.png",
            "\"sequence_name\"",
            "\"viewpoint\"",
            "\"ndc_norm_image_bounds\"",
            "\"R\"",
            "[18, 24]",
            "[[0,0,1],[0,1,0],[1,0,0]]",
            "\"is_fisheye\": true,",
            "0.png",
            "#");
    Seed.Folder plain = images("images", "masks");
    Seed.Folder category = images("chair/1_2/images", "chair/1_2/masks");
    byte[] png = Packing.image("png", BufferedImage.TYPE_INT_RGB, WIDTH, HEIGHT);
    byte[] grey = Packing.image("png", BufferedImage.TYPE_BYTE_GRAY, WIDTH, HEIGHT);
    byte[] jpeg = Packing.image("jpg", BufferedImage.TYPE_INT_RGB, WIDTH, HEIGHT);
    Seed.Folder listed = and(plain, "transforms.json", text(nerfstudio()));
    // An error may be about an image, or about the cameras together.
    String[] others = {"fuzzed-object", ".png"};
    return List.of(
        new Parser(
            "nerfstudio",
            words,
            List.of(Seed.text("transforms.json", nerfstudio()).in(plain).orNamed(others)),
            reading(CaptureKind.NERFSTUDIO)),
        new Parser(
            "colmap-text",
            words,
            List.of(
                Seed.text("sparse/0/cameras.txt", TEXT_CAMERAS)
                    .in(and(plain, "sparse/0/images.txt", text(textImages())))
                    .orNamed(others),
                Seed.text("sparse/0/images.txt", textImages())
                    .in(and(plain, "sparse/0/cameras.txt", text(TEXT_CAMERAS)))
                    .orNamed(others)),
            reading(CaptureKind.COLMAP)),
        new Parser(
            "colmap-binary",
            words,
            List.of(
                Seed.binary("sparse/0/cameras.bin", binaryCameras())
                    .in(and(plain, "sparse/0/images.bin", binaryImages()))
                    .orNamed(others),
                Seed.binary("sparse/0/images.bin", binaryImages())
                    .in(and(plain, "sparse/0/cameras.bin", binaryCameras()))
                    .orNamed(others)),
            reading(CaptureKind.COLMAP)),
        new Parser(
            "co3d",
            words,
            List.of(
                Seed.text("chair/frame_annotations.jgz", co3d())
                    .packed(Packing::gzip)
                    .in(category)
                    .orNamed("chair_", ".png"),
                Seed.binary("chair/frame_annotations.jgz", Packing.gzip(text(co3d())))
                    .in(category)
                    .orNamed("chair_", ".png")
                    .called("gzip")),
            reading(CaptureKind.CO3D)),
        new Parser(
            "image",
            List.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND", "gAMA", "JFIF", "Exif"),
            List.of(
                Seed.binary("images/1.png", png).packed(Packing::png).in(listed),
                Seed.binary("images/1.png", png).in(listed).called("raw"),
                Seed.binary("images/1.png", jpeg).in(listed).called("jpeg"),
                Seed.binary("masks/1.png", grey).packed(Packing::png).in(listed).called("mask")),
            root -> reading(CaptureKind.NERFSTUDIO).read(root)));
  }
}
