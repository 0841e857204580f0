package ai.fresnel.cvs.train.render;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.render.RenderShard.Layout;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenderVariantsTest {

  private static final int VARIANTS = 3;
  private static final long SEED = 3;
  private static final MeshVariation VARIATION = new MeshVariation(0.25, 0.5, 0.3);
  private static final RenderShard.Listener SILENT =
      new RenderShard.Listener() {
        @Override
        public void progressed(ViewSetRenderer.Progress progress) {}

        @Override
        public void noted(String line) {
          throw new AssertionError(line);
        }
      };

  @TempDir Path folder;

  /**
   * Pyramids, each of another height, with names that link (chairs), that are generic, and that are
   * serial numbers.
   */
  @BeforeEach
  void writeMeshes() throws IOException {
    for (int i = 0; i < 4; i++) {
      writePyramid("chairs/chair_0" + i + ".obj", 1 + 0.1 * i);
      writePyramid(i + "/model.obj", 2 + 0.1 * i);
      writePyramid("serial/random00" + i + ".obj", 3 + 0.1 * i);
    }
  }

  private void writePyramid(String name, double height) throws IOException {
    Path file = folder.resolve("meshes").resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "v -1 -1 -1\nv 1 -1 -1\nv 1 -1 1\nv -1 -1 1\nv 0 %s 0\n".formatted(height)
            + "f 1 2 3 4\nf 1 5 2\nf 2 5 3\nf 3 5 4\nf 4 5 1\n");
  }

  private RenderSource meshes() {
    return new RenderSource.Meshes(folder.resolve("meshes").toString());
  }

  private RenderSource varied(int count, long seed) {
    return new RenderSource.Varied(meshes(), count, VARIATION, seed);
  }

  private RenderShard shard(RenderSource source, Layout layout, String name) {
    RenderJob job = RenderJob.of(2, 16, SEED).withThreads(2);
    return new RenderShard(source, job, layout, true, folder.resolve(name).toString());
  }

  private ViewSet render(RenderShard shard, int parts) throws IOException {
    for (int i = 0; i < parts; i++) {
      shard.withPart(i, parts).plan().render(SILENT).requireAny();
    }
    shard.writeLists();
    return ViewSet.open(Path.of(shard.folder()));
  }

  @Test
  void objectsThemselvesStayAsTheyAre() throws IOException {
    Path plain = render(shard(meshes(), Layout.FOLDERS, "plain"), 1).root();
    RenderShard more = shard(varied(VARIANTS, SEED), Layout.FOLDERS, "varied");
    ViewSet varied = render(more, 1);
    assertEquals(12 * VARIANTS, varied.ids().size());
    for (MeshSource object : meshes().list()) {
      List<Path> files;
      try (var list = Files.list(plain.resolve(object.id()))) {
        files = list.toList();
      }
      assertEquals(2 * 3 + 1, files.size());
      for (Path file : files) {
        Path same = varied.root().resolve(plain.relativize(file));
        assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(same), same.toString());
      }
    }
    // A set without variants is continued by one with variants.
    RenderShard goesOn =
        new RenderShard(
            more.source(), more.job(), more.layout(), more.depth(), "" + folder.resolve("plain"));
    RenderPlan plan = goesOn.plan();
    assertEquals(12, plan.kept());
    assertEquals(12 * (VARIANTS - 1), plan.missing());
    assertEquals(varied.ids(), render(goesOn, 1).ids());
  }

  @Test
  void variantsHaveShapesOfTheirOwnThatTheSeedDecides() throws IOException {
    List<? extends MeshSource> list = varied(VARIANTS, SEED).list();
    List<? extends MeshSource> again = varied(VARIANTS + 1, SEED).list();
    List<? extends MeshSource> other = varied(VARIANTS, SEED + 1).list();
    Set<Integer> shapes = new HashSet<>();
    for (int i = 0; i < list.size(); i++) {
      MeshSource source = list.get(i);
      MeshSource same = again.get(i / VARIANTS * (VARIANTS + 1) + i % VARIANTS);
      assertEquals(source.id(), same.id());
      Mesh mesh = source.load().mesh();
      // From the same cameras, so that only the shape makes a difference.
      float[] depth = depth(mesh);
      assertArrayEquals(depth, depth(same.load().mesh()), source.id());
      assertEquals(source.id(), other.get(i).id());
      boolean itself = i % VARIANTS == 0;
      assertEquals(itself, Arrays.equals(depth, depth(other.get(i).load().mesh())), source.id());
      shapes.add(Arrays.hashCode(depth));
    }
    assertEquals(list.size(), shapes.size());
  }

  private static float[] depth(Mesh mesh) {
    return ViewSetRenderer.renderObject("same", mesh, RenderJob.of(1, 16, 5)).get(0).depth();
  }

  @Test
  void variantsStayInTheSplitOfTheirObject() throws Exception {
    Map<String, Split> plain = splits(render(shard(meshes(), Layout.FOLDERS, "plain"), 1));
    assertEquals(12, plain.size());
    assertTrue(new HashSet<>(plain.values()).size() > 1, "all in one split proves nothing");
    Path alone = Files.createDirectory(folder.resolve("alone"));
    for (Layout layout : Layout.values()) {
      RenderShard work = copied(shard(varied(VARIANTS, SEED), layout, "" + layout));
      ViewSet varied = render(work, 5);
      assertKept(plain, splits(varied), 12 * VARIANTS);
      if (layout == Layout.TAR) {
        // A part alone has only some of the variants of an object.
        Path part = work.withPart(1, 5).plan().output();
        Files.copy(part, alone.resolve(part.getFileName()));
      }
    }
    assertKept(plain, splits(ViewSet.open(alone)), 7);
  }

  private static void assertKept(Map<String, Split> objects, Map<String, Split> all, int count) {
    assertEquals(count, all.size());
    all.forEach((id, split) -> assertEquals(objects.get(id.replaceFirst("~.*", "")), split, id));
  }

  private static Map<String, Split> splits(ViewSet set) {
    Map<String, Split> splits = new HashMap<>();
    for (Split split : Split.values()) {
      set.ids(split).forEach(id -> splits.put(id, split));
    }
    return splits;
  }

  @Test
  void namesOfFilesAreNeverThoseOfVariants() throws IOException {
    writePyramid("chairs/chair_00~v1.obj", 4);
    writePyramid("chairs/chair_00-v1.obj", 5);
    List<String> ids = varied(VARIANTS, SEED).list().stream().map(MeshSource::id).toList();
    assertEquals(14 * VARIANTS, new HashSet<>(ids).size());
    String id = "chairs_chair_00";
    assertTrue(ids.containsAll(List.of(id, id + "~v1", id + "~v2", id + "_v1", id + "-v1~v1")));
    assertFalse(ids.contains(id + "~v3"));
  }

  @Test
  void variantsAreCounted() {
    for (int wrong : new int[] {0, -1, RenderSource.Varied.MAX_COUNT + 1}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> varied(wrong, SEED)).getMessage();
      assertEquals(wrong + " variants of an object, expected 1 to 1000", message);
    }
  }

  private static RenderShard copied(RenderShard shard) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(shard);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      RenderShard copy = (RenderShard) in.readObject();
      assertEquals(shard, copy);
      return copy;
    }
  }
}
