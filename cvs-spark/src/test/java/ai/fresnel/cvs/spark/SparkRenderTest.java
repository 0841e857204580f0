package ai.fresnel.cvs.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderShard;
import ai.fresnel.cvs.train.render.RenderSource;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkRenderTest {

  private static final int OBJECTS = 20;
  private static final int PARTS = 2;
  private static final AtomicInteger FILES_OF_KILLED = new AtomicInteger(-1);

  @TempDir Path folder;

  private RenderShard set(String name, RenderShard.Layout layout) {
    return new RenderShard(
        new RenderSource.Furniture(OBJECTS, 3),
        RenderJob.of(2, 8, 3),
        layout,
        false,
        folder.resolve(name).toString());
  }

  private static Map<String, byte[]> files(String folder) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      for (Path file : files.toList()) {
        contents.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return contents;
  }

  private static void assertSameFiles(RenderShard expected, RenderShard actual) throws IOException {
    Map<String, byte[]> contents = files(expected.folder());
    Map<String, byte[]> others = files(actual.folder());
    assertEquals(PARTS, contents.size());
    assertEquals(contents.keySet(), others.keySet());
    contents.forEach((name, bytes) -> assertArrayEquals(bytes, others.get(name), name));
  }

  /** Renders without Spark. */
  private RenderShard alone(String name) throws IOException {
    RenderShard set = set(name, RenderShard.Layout.TAR);
    for (int part = 0; part < PARTS; part++) {
      set.withPart(part, PARTS).plan().render(new RenderPart.Notes());
    }
    return set;
  }

  @Test
  void partsAreThoseOfTheLibraryAndAreKept() throws IOException {
    RenderShard set = set("set", RenderShard.Layout.TAR);
    List<PartReport> reports = SparkRender.render(LocalSpark.session(), set, PARTS);
    assertEquals(PARTS, reports.size());
    assertEquals(
        new PartReport(
            1, folder.resolve("set/shard-00001-of-00002.tar").toString(), 10, 0, 0, List.of()),
        reports.get(1));
    assertSameFiles(alone("alone"), set);
    assertEquals(OBJECTS, ViewSet.open(Path.of(set.folder())).ids().size());
    Files.delete(Path.of(reports.get(0).file()));
    reports = SparkRender.render(LocalSpark.session(), set, PARTS);
    assertEquals(10, reports.get(0).rendered());
    assertEquals(10, reports.get(1).kept());
    assertSameFiles(alone("alone"), set);
  }

  /** Fails in the first attempt at part 1, when eight of its ten objects are written. */
  private static final class KilledOnce extends RenderPart {

    private static final long serialVersionUID = 1L;

    private final String folder;

    KilledOnce(RenderShard set) {
      super(set, PARTS);
      folder = set.folder();
    }

    @Override
    void progressed(ViewSetRenderer.Progress progress) {
      TaskContext context = TaskContext.get();
      if (context.partitionId() == 1 && context.attemptNumber() == 0) {
        assertEquals(8, progress.done());
        String[] written =
            Path.of(folder).toFile().list((parent, name) -> name.startsWith("shard-00001"));
        FILES_OF_KILLED.set(written.length);
        throw new IllegalStateException("killed midway");
      }
    }
  }

  @Test
  void aKilledTaskLeavesNothingAndIsRepeatedToTheSameBytes() throws IOException {
    RenderShard set = set("killed", RenderShard.Layout.TAR);
    SparkRender.render(LocalSpark.session(), new KilledOnce(set));
    assertEquals(0, FILES_OF_KILLED.get(), "a shard was visible before it was complete");
    assertSameFiles(alone("alone"), set);
  }

  @Test
  void wrongJobsAreRefused() {
    RenderShard folders = set("folders", RenderShard.Layout.FOLDERS);
    assertEquals("layout is FOLDERS, expected TAR", refusal(folders, 1));
    RenderShard set = set("set", RenderShard.Layout.TAR);
    assertEquals("parts is 0, expected at least 1", refusal(set, 0));
    RenderShard relative =
        new RenderShard(set.source(), set.job(), set.layout(), set.depth(), "relative");
    String message = refusal(relative, 1);
    assertTrue(message.startsWith("folder is relative, expected an absolute path"), message);
  }

  private static String refusal(RenderShard set, int parts) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> SparkRender.render(LocalSpark.session(), set, parts))
        .getMessage();
  }
}
