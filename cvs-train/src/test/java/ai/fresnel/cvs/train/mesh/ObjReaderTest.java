package ai.fresnel.cvs.train.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers' OBJ and MTL files hold. */
class ObjReaderTest {
  private static final String QUAD =
      "v 0 0 0\nv 2 0 0\nv 2 2 0\nv 0 2 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n";
  private static final String FACE = "f 1/1 2/2 3/3 4/4\n";

  @TempDir Path folder;

  private LoadedMesh load(String obj) throws IOException {
    Path file = folder.resolve("a.obj");
    Files.writeString(file, obj);
    return MeshFiles.list(file).get(0).load();
  }

  private LoadedMesh withMaterial(String mtl) throws IOException {
    Files.writeString(folder.resolve("a.mtl"), mtl);
    return load("mtllib a.mtl\nusemtl m\n" + QUAD + FACE);
  }

  private static Material first(LoadedMesh loaded) {
    return loaded.mesh().materials().get(0);
  }

  private void image(String name) throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0xFF0000);
    Files.createDirectories(folder.resolve(name).getParent());
    ImageIO.write(image, "png", folder.resolve(name).toFile());
  }

  private static byte[] marked(String text) {
    return ("\ufeff" + text).getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstWord() throws IOException {
    Files.write(folder.resolve("a.mtl"), marked("newmtl m\nKd 1 0 0\n"));
    Files.write(folder.resolve("a.obj"), marked("mtllib a.mtl\nusemtl m\n" + QUAD + FACE));
    LoadedMesh loaded = MeshFiles.list(folder.resolve("a.obj")).get(0).load();
    assertEquals(List.of(), loaded.notes());
    assertEquals(1, first(loaded).red(), 1e-6);
    // Without the first vertex the faces would shift.
    Files.write(folder.resolve("b.obj"), marked(QUAD + FACE));
    Mesh mesh = MeshFiles.list(folder.resolve("b.obj")).get(0).load().mesh();
    assertEquals(4, mesh.vertexCount());
    Files.write(
        folder.resolve("c.obj"), ("\ufeff" + QUAD + FACE).getBytes(StandardCharsets.UTF_16LE));
    assertArrayEquals(
        mesh.positions(), MeshFiles.list(folder.resolve("c.obj")).get(0).load().mesh().positions());
    assertEquals("", TextFiles.decode(marked("")));
  }

  @Test
  void coloursOfVerticesAreSrgb() throws IOException {
    String coloured = "v 0 0 0 1 0 0\nv 1 0 0 0 0.5 0\nv 0 1 0 0 0 1\nv 1 1 0\nf 1 2 3\nf 2 4 3\n";
    LoadedMesh loaded = load(coloured);
    float half = (float) Srgb.decode(0.5);
    float[] expected = {1, 0, 0, 0, half, 0, 0, 0, 1, 0, half, 0, 1, 1, 1, 0, 0, 1};
    assertArrayEquals(expected, loaded.mesh().colours(), 1e-6f);
    assertEquals(1, first(loaded).red(), "no material dims the colours");
    assertEquals(List.of(), loaded.notes());
    LoadedMesh bytes =
        load(
            coloured
                .replace("0.5", "127.5")
                .replace(" 1 0 0\nv", " 255 0 0\nv")
                .replace("0 0 1\nv 1 1", "0 0 255\nv 1 1"));
    assertArrayEquals(expected, bytes.mesh().colours(), 1e-6f);
    assertEquals(List.of("colours of vertices go beyond 1: taken as 0 to 255"), bytes.notes());
    // A weight is no colour.
    assertNull(load("v 0 0 0 1\nv 1 0 0 1\nv 0 1 0 1\nf 1 2 3\n").mesh().colours());
  }

  @Test
  void texturesArePlacedByTheirOptions() throws IOException {
    image("wood 1.png");
    LoadedMesh loaded =
        withMaterial("newmtl m\nmap_Kd -s 2 3 1 -blendu on -o 0.25 -0.5 -bm 0.5 wood 1.png\n");
    assertEquals(List.of(), loaded.notes());
    assertNotNull(first(loaded).texture());
    assertArrayEquals(
        new float[] {0.25f, 2.5f, 0.25f, -0.5f, 2.25f, -0.5f},
        Arrays.copyOf(loaded.mesh().uvs(), 6),
        1e-6f);
    float[] out = new float[4];
    first(withMaterial("newmtl m\nmap_Kd -clamp on wood 1.png\n")).texture().sample(-3, 5, 0, out);
    assertEquals(1, out[0], "the corner goes on");
    first(withMaterial("newmtl m\nmap_Kd wood 1.png\n")).texture().sample(1.75f, 0.75f, 0, out);
    assertEquals(0, out[0], "the image begins anew");
  }

  @Test
  void namesMayBeQuotedAndStandAfterTheFaces() throws IOException {
    image("my wood.png");
    Files.writeString(
        folder.resolve("my own.mtl"),
        "newmtl m # dark\n\tKd\t0 1 0\nmap_Kd \"my wood.png\" # oak\n");
    for (String text :
        List.of(
            "mtllib \"my own.mtl\"\nusemtl m # here\n" + QUAD + FACE,
            "usemtl m\n" + QUAD + FACE + "mtllib my own.mtl # late\n")) {
      LoadedMesh loaded = load(text);
      assertEquals(List.of(), loaded.notes());
      assertNotNull(first(loaded).texture());
      assertEquals(0, first(loaded).red());
    }
    // 3ds Max names its materials so.
    Files.writeString(folder.resolve("a.mtl"), "newmtl Material #25\nKd 1 0 0\n");
    LoadedMesh numbered = load("mtllib a.mtl\nusemtl Material #25\n" + QUAD + FACE);
    assertEquals(1, first(numbered).red());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "f 1/1/ 2/2/ 3/3/ 4/4/\n",
        "f 1// 2// 3// 4//\n",
        "f\t1/1\t2/2\t3/3\t4/4\n",
        "f 1/1 2/2 3/3 4/4 # a face\n",
        "  f 1 2 3 4 #9\n",
        "f 1 2 \\\n 3 4\r\n",
        "vn 0 0 1\nf 1/1/1 2/2 3 4//1\n",
        "vn nan nan nan\nf 1//1 2//1 3//1 4//1\n",
        "vn -1.#IND 0 0\nf 1//1 2//1 3//1 4//1\n",
        "vt -nan(ind) nan\nf 1/5 2/5 3/5 4/5\n",
        "vt 0.5\nf 1/5 2/5 3/5 4/5\n",
        "v nan 0 0\nf 1 2 3 4\nf 1 2 5\n",
        "v 7\nf 1 2 3 4\nf 5 1 2\n"
      })
  void oneOddTokenRefusesNoFile(String lines) throws IOException {
    LoadedMesh loaded = load(QUAD + lines);
    assertEquals(2, loaded.mesh().triangleCount());
    for (int i = 0; i < 18; i += 3) {
      assertEquals(1, Math.abs(loaded.mesh().normals()[i + 1]), 1e-6, "towards the viewer");
    }
    for (float uv : loaded.mesh().uvs()) {
      assertTrue(Float.isFinite(uv));
    }
    boolean odd = lines.contains("nan") || lines.contains("#IND") || lines.startsWith("v 7");
    assertEquals(odd, !loaded.notes().isEmpty());
    assertTrue(!odd || loaded.notes().get(0).startsWith("line 9: "), loaded.notes().toString());
  }

  @Test
  void oneBadNumberLosesNoOtherMaterial() throws IOException {
    LoadedMesh loaded =
        withMaterial(
            "newmtl x\nNs nan\nKd nan 0 0\nd\nnewmtl m\nNs -1.#IND\nKd 0.5\nd 0.25 # glass\n");
    assertEquals(
        List.of(
            "a.mtl line 3: Kd is not a number in 0..1; ignored",
            "a.mtl line 4: d is not a number in 0..1; ignored"),
        loaded.notes());
    assertEquals(0.25f, first(loaded).opacity());
    assertEquals(MaterialLibrary.lifted(0.5f), first(loaded).green());
  }

  @Test
  void badIndicesNameTheirLine() {
    for (String face :
        List.of("f 1 2 9\n", "f 1 2 0\n", "f 1 2 x\n", "f 1 2 -9\n", "f 1/7 2/7 3/7\n")) {
      IOException e = assertThrows(IOException.class, () -> load(QUAD + face));
      assertTrue(e.getMessage().contains(": a.obj: line 9: a face refers to "), e.getMessage());
    }
  }
}
