package ai.fresnel.cvs.train.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeshFilesTest {
  private static final String QUAD = "v 0 0 0\nv 2 0 0\nv 2 4 0\nv 0 4 0\nvt 0 0\nvt 1 0\nvt 1 1\n";

  @TempDir Path folder;

  @Test
  void yUpBecomesZUpInTheUnitCube() throws IOException {
    Mesh mesh = load("v 0 0 0\nv 2 0 0\nv 2 4 1\nv 0 4 0\nv 99 99 99\nf 1 2 3 4\n").mesh();
    assertEquals(2, mesh.triangleCount());
    assertArrayEquals(new float[] {0.5f, 0.25f, 1}, mesh.extent(), 1e-6f);
    // (2, 4, 1) enters as (2, -1, 4): centred on (1, -0.5, 2), over 4.
    assertEquals(0.25f, mesh.positions[6], 1e-6f);
    assertEquals(-0.125f, mesh.positions[7], 1e-6f);
    assertEquals(0.5f, mesh.positions[8], 1e-6f);
  }

  @Test
  void negativeIndicesCountBackwards() throws IOException {
    assertEquals(2, load(QUAD + "f -4 -3 -2 -1\n").mesh().triangleCount());
  }

  @Test
  void concavePolygonsStayConcave() throws IOException {
    // An L of area 3; a fan from its first corner would cover the notch.
    Mesh mesh =
        load("v 2 2 0\nv 0 2 0\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 2 1 0\nf 1 2 3 4 5 6\n").mesh();
    assertEquals(4, mesh.triangleCount());
    double area = 0;
    for (int t = 0; t < 4; t++) {
      float[] p = mesh.positions;
      int a = 3 * mesh.indices[3 * t];
      int b = 3 * mesh.indices[3 * t + 1];
      int c = 3 * mesh.indices[3 * t + 2];
      double cross = (p[b] - p[a]) * (p[c + 2] - p[a + 2]) - (p[b + 2] - p[a + 2]) * (p[c] - p[a]);
      area += Math.abs(cross) / 2;
    }
    assertEquals(3.0 / 4, area, 1e-6);
  }

  @Test
  void malformedFilesAreRefusedInOneLineNamingThem() throws IOException {
    for (String bad :
        List.of(
            QUAD + "f 1 2 9\n",
            QUAD + "f 1/1 2/2 3/7\n",
            QUAD + "f 1//1 2//1 3//1\n",
            QUAD + "f 1 2 -9\n",
            QUAD + "f 1 2 x\n",
            "v 0 0 NaN\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
            "v 0 0 Infinity\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
            "v 0 0\nf 1 1 1\n",
            QUAD,
            "",
            "v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n",
            "\0\1\2 not a mesh")) {
      IOException e = assertThrows(IOException.class, () -> load(bad), bad);
      assertTrue(e.getMessage().contains("a.obj"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  @Test
  void linesWrittenAsFacesAndOtherEncodingsDoNotMatter() throws IOException {
    String text = "# Größe\n" + QUAD + "f 1 2\nf 1 2 3\n";
    Files.write(folder.resolve("a.obj"), text.getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(1, MeshFiles.list(folder).get(0).load().mesh().triangleCount());
  }

  @Test
  void texturesAreFoundWhateverTheWriterMeant() throws IOException {
    Files.createDirectories(folder.resolve("Maps"));
    image(folder.resolve("Maps/My Wood.PNG"));
    for (String name :
        List.of("maps\\my wood.png", "Maps/My Wood.PNG", "./x/../maps/MY WOOD.png")) {
      LoadedMesh loaded = withMaterial("Kd 1 1 1\nmap_Kd " + name + "\n");
      assertEquals(List.of(), loaded.notes());
      assertNotNull(loaded.mesh().materials().get(0).texture(), name);
    }
    image(folder.resolve("near.png"));
    LoadedMesh absolute = withMaterial("map_Kd C:\\Users\\someone\\near.png\n");
    assertNotNull(absolute.mesh().materials().get(0).texture());
  }

  @Test
  void missingPiecesFallBackWithAWord() throws IOException {
    LoadedMesh texture = withMaterial("Kd 1 0 0\nmap_Kd nowhere.png\n");
    assertNull(texture.mesh().materials().get(0).texture());
    assertEquals(1, texture.mesh().materials().get(0).red(), 1e-6);
    assertEquals(List.of("texture nowhere.png is missing"), texture.notes());
    LoadedMesh unknown = load(QUAD + "usemtl ghost\nf 1 2 3\n");
    assertEquals(List.of("material ghost is not defined"), unknown.notes());
    LoadedMesh library = load("mtllib ghost.mtl\n" + QUAD + "f 1 2 3\n");
    assertEquals(List.of("material file ghost.mtl is missing"), library.notes());
    assertEquals(0.4f, withMaterial("d 0.4\n").mesh().materials().get(0).opacity());
  }

  @Test
  void nothingOutsideTheFolderIsRead() throws IOException {
    image(folder.resolve("secret.png"));
    Path inner = Files.createDirectories(folder.resolve("inner"));
    Files.writeString(inner.resolve("a.mtl"), "newmtl m\nmap_Kd ../secret.png\n");
    Files.writeString(inner.resolve("a.obj"), "mtllib a.mtl\nusemtl m\n" + QUAD + "f 1 2 3\n");
    LoadedMesh loaded = MeshFiles.list(inner).get(0).load();
    assertEquals(List.of("texture ../secret.png is missing"), loaded.notes());
  }

  @Test
  void aNamedFileSearchesNoOtherFolders() throws IOException {
    Files.createDirectories(folder.resolve("other"));
    Files.writeString(folder.resolve("other/b.obj"), QUAD + "f 1 2 3\n");
    image(Files.createDirectories(folder.resolve("maps")).resolve("Wood.png"));
    Files.writeString(folder.resolve("a.mtl"), "newmtl m\nmap_Kd MAPS/wood.png\n");
    Files.writeString(folder.resolve("a.obj"), "mtllib a.mtl\nusemtl m\n" + QUAD + "f 1 2 3\n");
    Path file = folder.resolve("a.obj");
    LoadedMesh loaded = MeshFiles.list(file).get(0).load();
    assertEquals(List.of(), loaded.notes());
    try (FolderArchive archive = new FolderArchive(folder, "a.obj")) {
      assertEquals("maps/Wood.png", archive.find("", "MAPS\\wood.png"));
      assertTrue(archive.names().isEmpty(), "nothing was walked");
    }
    // The user may name a link to anywhere.
    Path elsewhere = Files.createDirectories(folder.resolve("links"));
    Path link = Files.createSymbolicLink(elsewhere.resolve("c.obj"), file);
    assertEquals(1, MeshFiles.list(link).get(0).load().mesh().triangleCount());
  }

  @Test
  void linksThatLeadOutsideAreNotFollowed() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Path inside = Files.createDirectories(folder.resolve("inside"));
    Files.writeString(outside.resolve("a.obj"), QUAD + "f 1 2 3\n");
    try (ZipOutputStream out =
        new ZipOutputStream(Files.newOutputStream(outside.resolve("z.zip")))) {
      entry(out, "b.obj", QUAD + "f 1 2 3\n");
    }
    image(outside.resolve("t.png"));
    for (String name : List.of("a.obj", "z.zip", "t.png")) {
      Files.createSymbolicLink(inside.resolve(name), outside.resolve(name));
    }
    Files.createSymbolicLink(inside.resolve("folder"), outside);
    Files.writeString(inside.resolve("c.mtl"), "newmtl m\nmap_Kd t.png\n");
    Files.writeString(inside.resolve("c.obj"), "mtllib c.mtl\nusemtl m\n" + QUAD + "f 1 2 3\n");
    Files.createSymbolicLink(inside.resolve("d.obj"), inside.resolve("c.obj"));
    List<MeshSource> sources = MeshFiles.list(inside);
    assertEquals(List.of("c", "d"), sources.stream().map(MeshSource::id).toList());
    assertEquals(List.of("texture t.png is missing"), sources.get(0).load().notes());
    try (FolderArchive archive = new FolderArchive(inside)) {
      assertNull(archive.find("", "folder/t.png"));
      assertThrows(IOException.class, () -> archive.read("t.png", 100));
    }
  }

  @Test
  void namesInNotesAreFitForATerminal() throws IOException {
    List<String> notes = load(QUAD + "usemtl a\u001b[2Jb\u0085c\nf 1 2 3\n").notes();
    assertEquals(List.of("material a [2Jb c is not defined"), notes);
  }

  @Test
  void damagedArchivesAndCataloguesAreNamed() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      entry(out, "PluginFurnitureCatalog.properties", "model#1=\\uZZZZ\n");
      entry(out, "good.obj", QUAD + "f 1 2 3\n");
      entry(out, "z.obj", QUAD + "f 1 2 3\n".repeat(1000));
    }
    byte[] zip = bytes.toByteArray();
    byte[] name = "z.obj".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < zip.length - 60; i++) {
      if (zip[i] == 'P' && zip[i + 2] == 3 && zip[i + 30] == name[0] && zip[i + 31] == name[1]) {
        zip[i + 40] ^= 0x7F;
        zip[i + 41] ^= 0x7F;
      }
    }
    Files.write(folder.resolve("x.zip"), zip);
    List<MeshSource> sources = MeshFiles.list(folder.resolve("x.zip"));
    assertEquals(2, sources.size());
    LoadedMesh good = sources.get(0).load();
    assertEquals("unknown", good.licence());
    assertTrue(
        good.notes().get(0).startsWith("x.zip: PluginFurnitureCatalog.properties is damaged"),
        good.notes().toString());
    IOException e = assertThrows(IOException.class, () -> sources.get(1).load());
    assertTrue(e.getMessage().startsWith("x.zip: z.obj is damaged: "), e.getMessage());
  }

  @Test
  void hugeImagesAreRefusedBeforeDecoding() throws IOException {
    byte[] png = png();
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 100_000);
    header.putInt(20, 100_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    Files.write(folder.resolve("huge.png"), png);
    LoadedMesh loaded = withMaterial("map_Kd huge.png\n");
    assertTrue(loaded.notes().get(0).contains("100000×100000"), loaded.notes().toString());
    Files.writeString(folder.resolve("text.png"), "no image");
    assertTrue(withMaterial("map_Kd text.png\n").notes().get(0).contains("unusable"));
  }

  @Test
  void zipsAreReadWithTheirCatalogueAndBounded() throws IOException {
    Path zip = folder.resolve("Lib.sh3f");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      String catalogue =
          """
          license=Some   licence
          model#1=/lib/x/chair.obj
          creator#1=Ada
          modelRotation#1=1 0 0 0 0 1 0 -1 0
          """;
      entry(out, "PluginFurnitureCatalog.properties", catalogue);
      entry(out, "lib/x/chair.obj", "mtllib chair.mtl\nusemtl m\n" + QUAD + "f 1 2 3 4\n");
      entry(out, "lib/x/chair.mtl", "newmtl m\nKd 0 1 0\n");
      entry(out, "lib/y/chair.obj", QUAD + "f 1 2 3\n");
    }
    Files.writeString(folder.resolve("broken.zip"), "no zip");
    List<MeshSource> sources = MeshFiles.list(folder);
    assertEquals(
        List.of("broken", "Lib_chair", "Lib_chair_2"),
        sources.stream().map(MeshSource::id).toList());
    assertThrows(IOException.class, () -> sources.get(0).load());
    LoadedMesh chair = sources.get(1).load();
    assertEquals("Some licence", chair.licence());
    assertEquals("Ada", chair.creator());
    assertEquals("Lib.sh3f/lib/x/chair.obj", chair.source());
    assertEquals("Lib", chair.group());
    assertEquals("chair", chair.stem());
    assertEquals(64, chair.sha256().length());
    // The catalogue turns the upright quad on its back.
    assertArrayEquals(new float[] {0.5f, 1, 0}, chair.mesh().extent(), 1e-6f);
    assertEquals("unknown", sources.get(2).load().creator());
    try (Archive archive = new ZipArchive(zip)) {
      assertThrows(IOException.class, () -> archive.read("lib/x/chair.obj", 20));
    }
  }

  @Test
  void oneArchiveMayBeReadByManyThreads() throws IOException {
    Path zip = folder.resolve("many.zip");
    // Names not flagged as UTF-8, as in most archives in the wild.
    try (ZipOutputStream out =
        new ZipOutputStream(Files.newOutputStream(zip), StandardCharsets.ISO_8859_1)) {
      for (int i = 0; i < 400; i++) {
        entry(out, "m" + i + "/o" + i + ".obj", QUAD + "v 1 2 2\nf 1 2 3\nf 1 2 5\nf 2 3 5\n");
      }
    }
    List<String> words = new ArrayList<>();
    ViewSetRenderer.render(
        MeshFiles.list(zip),
        RenderJob.of(1, 8, 0).withThreads(8),
        (id, origin, views) -> {},
        (progress, word) -> {
          if (!word.isEmpty()) {
            words.add(word);
          }
        });
    assertEquals(List.of(), words);
  }

  private static void entry(ZipOutputStream out, String name, String text) throws IOException {
    out.putNextEntry(new ZipEntry(name));
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.closeEntry();
  }

  private LoadedMesh load(String obj) throws IOException {
    Path file = folder.resolve("a.obj");
    Files.writeString(file, obj);
    return MeshFiles.list(file).get(0).load();
  }

  private LoadedMesh withMaterial(String properties) throws IOException {
    Files.writeString(folder.resolve("a.mtl"), "newmtl m\n" + properties);
    return load("mtllib a.mtl\nusemtl m\n" + QUAD + "f 1/1 2/2 3/3\n");
  }

  private static void image(Path path) throws IOException {
    Files.write(path, png());
  }

  private static byte[] png() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "png", out);
    return out.toByteArray();
  }
}
