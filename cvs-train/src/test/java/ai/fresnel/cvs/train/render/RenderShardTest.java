package ai.fresnel.cvs.train.render;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.render.RenderShard.Layout;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenderShardTest {

  private static final int OBJECTS = 5;

  @TempDir Path folder;

  private final List<ViewSetRenderer.Progress> heard = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private RenderShard shard(Layout layout, String name) {
    RenderSource source = new RenderSource.Furniture(OBJECTS, 3);
    RenderJob job = RenderJob.of(2, 16, 3).withThreads(2);
    return new RenderShard(source, job, layout, true, folder.resolve(name).toString());
  }

  private RenderShard.Result render(RenderShard shard) throws IOException {
    return shard
        .plan()
        .render(
            new RenderShard.Listener() {
              @Override
              public void progressed(ViewSetRenderer.Progress progress) {
                heard.add(progress);
              }

              @Override
              public void noted(String line) {
                notes.add(line);
              }
            });
  }

  @Test
  void partsMakeTheWholeWhateverTheLayout() throws Exception {
    RenderShard whole = shard(Layout.FOLDERS, "whole");
    assertEquals(new RenderShard.Result(OBJECTS, 0, 0), render(whole));
    whole.writeLists();
    for (Layout layout : Layout.values()) {
      RenderShard parts = shard(layout, "parts-" + layout);
      for (int i = 0; i < 2; i++) {
        RenderShard sent = copied(parts.withPart(i, 2));
        assertEquals(parts.withPart(i, 2), sent);
        assertEquals(new RenderShard.Result(3 - i, 0, 0), render(sent));
      }
      parts.writeLists();
      assertSame(whole, parts);
    }
    assertEquals(List.of(), notes);
    ViewSetRenderer.Progress last = heard.get(heard.size() - 1);
    assertEquals(2, last.done());
    assertEquals(2, last.total());
    assertTrue(last.viewsPerSecond() > 0);
  }

  private static void assertSame(RenderShard one, RenderShard other) throws IOException {
    ViewSet expected = ViewSet.open(Path.of(one.folder()));
    ViewSet actual = ViewSet.open(Path.of(other.folder()));
    assertEquals(OBJECTS, expected.ids().size());
    assertEquals(expected.ids(), actual.ids());
    for (String id : expected.ids()) {
      ViewObject a = expected.object(id);
      ViewObject b = actual.object(id);
      assertEquals(a.meta(), b.meta());
      for (int v = 0; v < 2; v++) {
        assertArrayEquals(a.read(v).rgba(), b.read(v).rgba());
        assertArrayEquals(a.requireDepth(v), b.requireDepth(v));
      }
    }
  }

  @Test
  void whatIsThereIsKept() throws IOException {
    RenderShard folders = shard(Layout.FOLDERS, "folders");
    render(folders.withPart(1, 2));
    heard.clear();
    RenderPlan plan = folders.plan();
    assertEquals(2, plan.kept());
    assertEquals(3, plan.missing());
    assertFalse(plan.isDone());
    assertEquals(new RenderShard.Result(3, 0, 2), render(folders));
    assertEquals(3, heard.size());
    assertTrue(folders.plan().isDone());
    RenderShard tar = shard(Layout.TAR, "tar").withPart(1, 2);
    assertFalse(tar.plan().isDone());
    render(tar);
    byte[] bytes = Files.readAllBytes(tar.plan().output());
    assertTrue(tar.plan().isDone());
    assertEquals(new RenderShard.Result(0, 0, 2), render(tar));
    assertArrayEquals(bytes, Files.readAllBytes(tar.plan().output()));
  }

  @Test
  void otherViewsAreNotMixedIn() throws IOException {
    RenderShard first = shard(Layout.FOLDERS, "set").withPart(0, 5);
    render(first);
    RenderShard larger =
        new RenderShard(
            first.source(), RenderJob.of(2, 24, 3), Layout.FOLDERS, true, first.folder());
    String message = assertThrows(IOException.class, larger::plan).getMessage();
    assertEquals(
        first.folder()
            + ": holds 2 views an object of 16 pixels, not 2 of 24: choose another folder",
        message);
  }

  @Test
  void anObjectThatCannotBeReadIsNamedAndLeavesNoTar() throws IOException {
    Path meshes = Files.createDirectory(folder.resolve("meshes"));
    RenderSource none = new RenderSource.Meshes(meshes.toString());
    assertEquals(
        meshes + ": no .obj, .glb or .gltf file in it",
        assertThrows(IOException.class, none::list).getMessage());
    Files.writeString(meshes.resolve("broken.obj"), "f 1 2 3\n");
    RenderShard tar =
        new RenderShard(
            none, RenderJob.of(2, 16, 3), Layout.TAR, false, folder.resolve("out").toString());
    RenderShard.Result result = render(tar);
    assertEquals(new RenderShard.Result(0, 1, 0), result);
    assertEquals(
        "no object of 1 could be rendered",
        assertThrows(IOException.class, result::requireAny).getMessage());
    assertTrue(notes.get(0).startsWith("broken skipped: "), notes.toString());
    try (var files = Files.list(folder.resolve("out"))) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void furnitureIsCounted() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> new RenderSource.Furniture(0, 1));
    int most = RenderSource.Furniture.MAX_COUNT;
    assertThrows(IllegalArgumentException.class, () -> new RenderSource.Furniture(most + 1, 1));
    String first = new RenderSource.Furniture(1, 2).list().get(0).id();
    assertTrue(first.endsWith("-2000000"), first);
  }

  private static RenderShard copied(RenderShard shard) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(shard);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (RenderShard) in.readObject();
    }
  }
}
