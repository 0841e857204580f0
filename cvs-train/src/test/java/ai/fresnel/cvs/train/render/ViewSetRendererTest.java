package ai.fresnel.cvs.train.render;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.MeshBuilder;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ViewSetRendererTest {
  private static final RenderJob JOB = RenderJob.of(2, 16, 1);

  private record Broken(String id) implements MeshSource {
    @Override
    public LoadedMesh load() throws IOException {
      throw new IOException("x.obj: of no use\nat all");
    }
  }

  private record Sliver(String id) implements MeshSource {
    @Override
    public LoadedMesh load() {
      MeshBuilder builder = new MeshBuilder();
      int material = builder.addMaterial(new Material("m", 1, 1, 1, 1, null));
      builder.addPosition(0, 0, 0);
      builder.addPosition(1, 0, 0);
      builder.addPosition(1, 1e-4f, 0);
      builder.addTriangle(0, 1, 2, null, null, material);
      return new LoadedMesh(builder.build(), id, "", "", "", "", "", List.of());
    }
  }

  @Test
  void shardsAndThreadsDoNotChangeTheImages() throws IOException {
    Map<String, Integer> whole = render(JOB.withThreads(1));
    Map<String, Integer> parts = new TreeMap<>();
    for (int shard = 0; shard < 3; shard++) {
      Map<String, Integer> part = render(JOB.withShard(shard, 3).withThreads(3));
      assertTrue(Collections.disjoint(parts.keySet(), part.keySet()));
      parts.putAll(part);
    }
    assertEquals(11, whole.size());
    assertEquals(whole, parts);
  }

  private static Map<String, Integer> render(RenderJob job) throws IOException {
    Map<String, Integer> hashes = Collections.synchronizedMap(new TreeMap<>());
    ViewSetRenderer.render(
        ProceduralScenes.sources(11, 5),
        job,
        (id, origin, views) -> {
          assertEquals(2, views.size());
          hashes.put(
              id,
              31 * Arrays.hashCode(views.get(0).rgba()) + Arrays.hashCode(views.get(1).depth()));
        },
        (progress, word) -> {});
    return hashes;
  }

  @Test
  void brokenAndEmptyObjectsCostOneLineEach() throws IOException {
    List<MeshSource> sources = new ArrayList<>(ProceduralScenes.sources(2, 0));
    sources.add(1, new Broken("bad"));
    sources.add(2, new Sliver("thin"));
    List<String> words = new ArrayList<>();
    ViewSetRenderer.Progress end =
        ViewSetRenderer.render(
            sources,
            JOB.withThreads(2),
            (id, origin, views) -> {},
            (progress, word) -> {
              if (!word.isEmpty()) {
                words.add(word);
              }
            });
    Collections.sort(words);
    assertEquals(2, end.done());
    assertEquals(2, end.skipped());
    assertEquals("bad skipped: x.obj: of no use at all", words.get(0));
    assertTrue(words.get(1).startsWith("thin skipped: covers 0."), words.get(1));
  }

  private record Failing(String id, Error error) implements MeshSource {
    @Override
    public LoadedMesh load() {
      throw error;
    }
  }

  @Test
  void errorsOfOneObjectDoNotEndTheRun() throws IOException {
    List<MeshSource> sources = new ArrayList<>(ProceduralScenes.sources(3, 0));
    sources.add(0, new Failing("deep", new StackOverflowError()));
    sources.add(1, new Failing("large", new OutOfMemoryError("Java heap space")));
    List<String> words = Collections.synchronizedList(new ArrayList<>());
    String refused = sources.get(3).id();
    ViewSetRenderer.Progress end =
        ViewSetRenderer.render(
            sources,
            JOB.withThreads(1),
            (id, origin, views) -> {
              if (id.equals(refused)) {
                throw new IllegalArgumentException("cannot be stored");
              }
            },
            (progress, word) -> {
              if (!word.isEmpty()) {
                words.add(word);
              }
            });
    assertEquals(2, end.done());
    assertEquals(3, end.skipped());
    assertEquals("deep skipped: is nested too deep", words.get(0));
    assertTrue(words.get(1).startsWith("large skipped: needs more memory than Java has"));
    assertEquals(refused + " skipped: cannot be stored", words.get(2));
  }

  /** Fails for want of memory until it is alone. */
  private record Large(String id, List<Thread> tries) implements MeshSource {
    @Override
    public LoadedMesh load() throws IOException {
      tries.add(Thread.currentThread());
      if (tries.size() == 1) {
        throw new OutOfMemoryError("Java heap space");
      }
      return ProceduralScenes.sources(1, 0).get(0).load();
    }
  }

  @Test
  void anObjectThatDoesNotFitBesideOthersIsTriedAgainAlone() throws IOException {
    List<Thread> tries = Collections.synchronizedList(new ArrayList<>());
    List<MeshSource> sources = new ArrayList<>(ProceduralScenes.sources(2, 0));
    sources.add(0, new Large("large", tries));
    ViewSetRenderer.Progress end =
        ViewSetRenderer.render(
            sources, JOB.withThreads(2), (id, origin, views) -> {}, (progress, word) -> {});
    assertEquals(3, end.done());
    assertEquals(Thread.currentThread(), tries.get(1));
  }

  @Test
  void whatIsThereAlreadyIsNotRenderedAgain() throws IOException {
    List<MeshSource> sources = new ArrayList<>(ProceduralScenes.sources(2, 0));
    sources.add(new Broken("there"));
    List<String> taken = Collections.synchronizedList(new ArrayList<>());
    ViewSetRenderer.Sink sink =
        new ViewSetRenderer.Sink() {
          @Override
          public boolean wants(String id) {
            return id.startsWith("chair");
          }

          @Override
          public void accept(String id, LoadedMesh origin, List<RenderedView> views) {
            taken.add(id);
          }
        };
    ViewSetRenderer.Progress end =
        ViewSetRenderer.render(sources, JOB, sink, (progress, word) -> assertEquals("", word));
    assertEquals(List.of("chair-000000"), taken);
    assertEquals(3, end.done());
  }

  @Test
  void aSinkThatFailsEndsTheWork() {
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                ViewSetRenderer.render(
                    ProceduralScenes.sources(4, 0),
                    JOB,
                    (id, origin, views) -> {
                      throw new IOException("disk full");
                    },
                    (progress, word) -> {}));
    assertEquals("disk full", e.getMessage());
  }

  @Test
  void jobsCheckTheirNumbers() {
    assertThrows(IllegalArgumentException.class, () -> RenderJob.of(0, 64, 1));
    assertThrows(IllegalArgumentException.class, () -> RenderJob.of(1, 4, 1));
    assertThrows(IllegalArgumentException.class, () -> JOB.withShard(2, 2));
    assertThrows(IllegalArgumentException.class, () -> JOB.withThreads(0));
    assertThrows(IllegalArgumentException.class, () -> new RenderJob(1, 64, 4, 0, 0, 1, 1));
  }
}
