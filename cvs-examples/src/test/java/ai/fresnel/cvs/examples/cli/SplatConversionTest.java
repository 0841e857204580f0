package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.file.SplatFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code cvs splat --convert} and {@code --mesh}. */
class SplatConversionTest extends CommandTest {

  private Path cloud;

  @BeforeEach
  void writeACloud() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    GaussianArrays arrays = GaussianArrays.zeros(300, 1);
    for (float[] group : arrays.groups()) {
      for (int i = 0; i < group.length; i++) {
        group[i] = (float) (0.8 * random.nextDouble() - 0.4);
      }
    }
    for (int i = 0; i < 900; i++) {
      arrays.logScales()[i] = -3;
    }
    cloud = folder.resolve("a.ply");
    SplatFiles.write(cloud, GaussianCloud.of(arrays));
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void gaussiansGoFromFormatToFormat() throws IOException {
    String from = cloud.toString();
    String[] names = {"new/b.spz", "c.splat", "d.glb", "e.ply"};
    for (String name : names) {
      assertEquals(0, run("splat", "--convert", from, "--out", path(name)), err);
      assertEquals("300 Gaussians: " + path(name) + System.lineSeparator(), out);
    }
    assertArrayEquals(Files.readAllBytes(cloud), Files.readAllBytes(folder.resolve("e.ply")));
    // And back, the same way up.
    assertEquals(0, run("splat", "--convert", path("new/b.spz"), "--out", path("f.ply")), err);
    float[] expected = SplatFiles.read(cloud).arrays().means();
    assertArrayEquals(
        expected, SplatFiles.read(folder.resolve("f.ply")).arrays().means(), 1f / 4096);
  }

  @Test
  void axesCanBeChosen() throws IOException {
    String turned = path("down.ply");
    String from = cloud.toString();
    assertEquals(0, run("splat", "--convert", from, "--axes", "y_down", "--out", turned), err);
    float[] expected = SplatFiles.read(cloud).arrays().means();
    float[] means = SplatFiles.read(Path.of(turned)).arrays().means();
    assertEquals(expected[0], means[0]);
    assertEquals(-expected[2], means[1]);
    assertEquals(expected[1], means[2]);
    assertEquals(
        0,
        run("splat", "--convert", turned, "--from-axes", "y_down", "--out", path("back.ply")),
        err);
    assertArrayEquals(expected, SplatFiles.read(folder.resolve("back.ply")).arrays().means());
  }

  @Test
  void meshesAreMadeAndRendered() {
    String mesh = path("mesh.glb");
    assertEquals(0, run("splat", "--mesh", cloud.toString(), "--cells", "40", "--out", mesh), err);
    assertTrue(out.matches("300 Gaussians, [0-9]+ vertices, [0-9]+ triangles: .*\\s+"), out);
    assertEquals(
        0,
        run("render", "--meshes", mesh, "--views", "2", "--size", "16", "--out", path("set")),
        err);
    assertTrue(out.contains("1 objects rendered, 0 skipped"), out);
  }

  @Test
  void wrongFilesAndNamesAreRefusedInOneLine() throws IOException {
    String from = cloud.toString();
    assertBadUsage(
        "cvs splat: " + path("a.obj") + ": expected a name that ends in .ply, .splat, .spz, .glb",
        "splat",
        "--convert",
        from,
        "--out",
        path("a.obj"));
    assertBadUsage(
        "cvs splat: " + path("a.ply") + ": expected a name that ends in .glb",
        "splat",
        "--mesh",
        from,
        "--out",
        path("a.ply"));
    assertBadUsage(
        "cvs splat: the Gaussians nowhere reach the density 900.0 of a surface",
        "splat",
        "--mesh",
        from,
        "--level",
        "900",
        "--out",
        path("a.glb"));
    assertBadUsage(
        "cvs splat: --cells is 1, expected 8 to 500",
        "splat",
        "--mesh",
        from,
        "--cells",
        "1",
        "--out",
        path("a.glb"));
    Path damaged = Files.write(folder.resolve("damaged.spz"), new byte[] {0x1F, (byte) 0x8B, 8});
    assertFails(
        "cvs splat: " + damaged + ": is cut off",
        "splat",
        "--convert",
        damaged.toString(),
        "--out",
        path("x.ply"));
  }
}
