package ai.fresnel.cvs.splat.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlyTest {

  private static final List<String> NAMES =
      List.of(
          "x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2",
          "rot_0", "rot_1", "rot_2", "rot_3");

  /** Two Gaussians in the order of {@link #NAMES}. */
  private static final double[][] ROWS = {
    {1, 2, 3, 0.25, -0.5, 0.75, -2, -3, -4, -5, 1, 0, 0.5, -0.5},
    {-1, 0.5, 8, 1, 0, -1, 3, -1, -2, -6, 0.5, 0.5, -0.5, 0}
  };

  @TempDir Path folder;

  @Test
  void theFixtureHasTheNumbersOfItsReference() throws IOException {
    GaussianArrays expected = Clouds.fixture().arrays();
    GaussianArrays read = SplatFiles.read(Clouds.resource("splat50.ply")).arrays();
    assertArrayEquals(expected.means(), read.means());
    assertArrayEquals(expected.rotations(), read.rotations());
    assertArrayEquals(expected.logScales(), read.logScales());
    assertArrayEquals(expected.opacityLogits(), read.opacityLogits());
    assertArrayEquals(expected.sh(), read.sh());
  }

  @Test
  void theFixtureIsWrittenAsItWas() throws IOException {
    Path fixture = Clouds.resource("splat50.ply");
    Path copy = folder.resolve("copy.ply");
    SplatFiles.write(copy, SplatFiles.read(fixture));
    assertArrayEquals(Files.readAllBytes(fixture), Files.readAllBytes(copy));
  }

  @Test
  void everyDegreeComesBackExactly() throws IOException {
    for (int degree = 0; degree <= 3; degree++) {
      GaussianCloud cloud = Clouds.random(1000, degree, degree);
      Path file = folder.resolve("degree" + degree + ".ply");
      SplatFiles.write(file, cloud);
      GaussianArrays read = SplatFiles.read(file).arrays();
      assertEquals(degree, read.shDegree());
      List<float[]> expected = cloud.arrays().groups();
      for (int group = 0; group < expected.size(); group++) {
        assertArrayEquals(expected.get(group), read.groups().get(group));
      }
    }
  }

  @Test
  void emptyCloudsComeBack() throws IOException {
    Path file = folder.resolve("empty.ply");
    SplatFiles.write(file, GaussianCloud.of(GaussianArrays.zeros(0, 0)));
    assertEquals(0, SplatFiles.read(file).size());
  }

  @Test
  void readsText() throws IOException {
    StringBuilder text = new StringBuilder(header("ascii", "", "float", NAMES));
    for (double[] row : ROWS) {
      for (double value : row) {
        text.append(value).append(' ');
      }
      text.append('\n');
    }
    assertRows(read(text.toString().getBytes(StandardCharsets.US_ASCII)));
    // As Windows ends lines.
    assertRows(read(text.toString().replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void readsDoublesInEitherOrder() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      String format = order == ByteOrder.BIG_ENDIAN ? "binary_big_endian" : "binary_little_endian";
      ByteBuffer data = ByteBuffer.allocate(8 * 14 * 2).order(order);
      for (double[] row : ROWS) {
        for (double value : row) {
          data.putDouble(value);
        }
      }
      assertRows(read(join(header(format, "", "double", NAMES), data.array())));
    }
  }

  /** Elements before the vertices and after them, and properties of other types between theirs. */
  @Test
  void skipsWhatOthersAdd() throws IOException {
    String before = "comment by nobody\nobj_info none\nelement origin 3\nproperty short a\n";
    StringBuilder header =
        new StringBuilder("ply\nformat binary_little_endian 1.0\n" + before + "element vertex 2\n");
    ByteBuffer data = ByteBuffer.allocate(6 + 2 * (14 * 4 + 1 + 4) + 9);
    data.order(ByteOrder.LITTLE_ENDIAN).position(6);
    header.append("property uchar red\n");
    for (String name : NAMES) {
      header.append("property float32 ").append(name).append('\n');
    }
    header.append(
        "property uint32 segment\nelement face 1\nproperty list uchar int v\nend_header\n");
    for (double[] row : ROWS) {
      data.put((byte) 200);
      for (double value : row) {
        data.putFloat((float) value);
      }
      data.putInt(-1);
    }
    assertRows(read(join(header.toString(), data.array())));
  }

  private static void assertRows(GaussianCloud cloud) {
    GaussianArrays read = cloud.arrays();
    assertEquals(0, read.shDegree());
    assertArrayEquals(new float[] {1, 2, 3, -1, 0.5f, 8}, read.means());
    assertArrayEquals(new float[] {0.25f, -0.5f, 0.75f, 1, 0, -1}, read.sh());
    assertArrayEquals(new float[] {-2, 3}, read.opacityLogits());
    assertArrayEquals(new float[] {-3, -4, -5, -1, -2, -6}, read.logScales());
    assertArrayEquals(new float[] {1, 0, 0.5f, -0.5f, 0.5f, 0.5f, -0.5f, 0}, read.rotations());
  }

  @Test
  void flatAndUnturnedGaussiansAreGaussians() throws IOException {
    String text =
        "ply\nformat ascii 1.0\nelement vertex 1\n"
            + properties("x y z f_dc_0 f_dc_1 f_dc_2 opacity scale_0 scale_1")
            + "end_header\n1 2 3 0 0 0 1 -2 -3\n";
    GaussianArrays read = read(text.getBytes(StandardCharsets.US_ASCII)).arrays();
    assertArrayEquals(new float[] {1, 0, 0, 0}, read.rotations());
    assertArrayEquals(new float[] {-2, -3, (float) Math.log(1e-6)}, read.logScales());
  }

  @Test
  void spoiltGaussiansAreLeftOut() throws IOException {
    String rows =
        """
        1 2 3 0 0 0 1 -2 -3 -4 1 0 0 0
        nan 2 3 0 0 0 1 -2 -3 -4 1 0 0 0
        4 5 6 0 0 0 inf -2 -inf -4 1 0 0 0
        4 5 6 0 0 0 1 -2 -3 -4 0 0 0 0
        4 5 6 0 0 0 1 -2 99 -4 1 0 0 0
        """;
    String text =
        "ply\nformat ascii 1.0\nelement vertex 5\n"
            + properties(String.join(" ", NAMES))
            + "end_header\n"
            + rows;
    GaussianArrays read = read(text.getBytes(StandardCharsets.US_ASCII)).arrays();
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, read.means());
    // Infinite logits and logarithms have a meaning.
    assertArrayEquals(new float[] {1, 20}, read.opacityLogits());
    assertArrayEquals(new float[] {-2, -3, -4, -2, -40, -4}, read.logScales());
  }

  @Test
  void refusesInOneLine() throws IOException {
    String all = String.join(" ", NAMES);
    assertRefused("vertices have no property opacity, expected", all.replace(" opacity", ""));
    assertRefused("vertices have no property rot_2, expected", all.replace(" rot_2", ""));
    assertRefused(
        "vertices have 5 properties f_rest_0",
        all + " f_rest_0 f_rest_1 f_rest_2 f_rest_3 f_rest_4");
    assertRefused("vertices have 1 properties f_rest_0", all + " f_rest_7");
    assertRefused("property \"x\" is there twice", all + " x");
    String good = "ply\nformat ascii 1.0\nelement vertex 1\n" + properties(all) + "end_header\n";
    String row = "1 2 3 0 0 0 1 -2 -3 -4 1 0 0 0\n";
    assertMessage("is cut off", good + "1          2                       ");
    assertMessage("claims 1 vertices, which need 27 bytes, and has 2", good + "1 ");
    assertMessage(
        "property \"z\" of vertex 0 is \"three\", expected a number",
        good + row.replace("3 0 0 0", "three 0 0 0"));
    assertMessage(
        "claims 2147483647 vertices, which need 60129542115 bytes",
        good.replace("vertex 1", "vertex 2147483647") + row);
    assertMessage("expected a name and a number", good.replace("vertex 1", "vertex 2147483648"));
    assertMessage("no element \"vertex\"", good.replace("vertex 1", "point 1"));
    assertMessage("version \"2.0\" of PLY", good.replace("1.0", "2.0"));
    assertMessage("format \"utf8\", expected ascii", good.replace("ascii", "utf8"));
    assertMessage("type \"real\" of a property", good.replace("float y", "real y"));
    assertMessage(
        "none of its 1 Gaussians has finite numbers", good + row.replace("1 2 3", "1 nan 3"));
    assertMessage("is cut off", "ply\nformat ascii 1.0\n");
    assertMessage("no PLY file", "plywood\n" + good);
    assertMessage("its header has no end within 65536 bytes", "ply\n" + "comment\n".repeat(10000));
    assertMessage("its header has no end within 65536 bytes", "ply\ncomment " + "x".repeat(100000));
  }

  private void assertRefused(String message, String names) throws IOException {
    assertMessage(
        message, "ply\nformat ascii 1.0\nelement vertex 1\n" + properties(names) + "end_header\n");
  }

  private void assertMessage(String message, String content) throws IOException {
    Path file = folder.resolve("wrong.ply");
    Files.writeString(file, content, StandardCharsets.US_ASCII);
    String found = assertThrows(IOException.class, () -> SplatFiles.read(file)).getMessage();
    assertEquals(file + ": ", found.substring(0, file.toString().length() + 2));
    assertEquals(true, found.contains(message), found);
  }

  private GaussianCloud read(byte[] content) throws IOException {
    Path file = folder.resolve("some.ply");
    Files.write(file, content);
    return SplatFiles.read(file);
  }

  private static String header(String format, String elements, String type, List<String> names) {
    String properties = properties(String.join(" ", names)).replace("float", type);
    return "ply\nformat "
        + format
        + " 1.0\n"
        + elements
        + "element vertex 2\n"
        + properties
        + "end_header\n";
  }

  private static String properties(String names) {
    StringBuilder lines = new StringBuilder();
    for (String name : names.split(" ", -1)) {
      lines.append("property float ").append(name).append('\n');
    }
    return lines.toString();
  }

  private static byte[] join(String header, byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(data);
    return out.toByteArray();
  }
}
