package ai.fresnel.cvs.examples.bench;

import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.Prefetcher;
import ai.fresnel.cvs.train.data.StreamedPairs;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderedPairs;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.render.ViewCameras;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.ShardWriter;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs bench data}: times rendering and the making of batches. */
@Command(
    name = "data",
    description = "Time rendering and batches of procedural furniture, and watch their memory.")
final class BenchDataVerb extends Verb {

  private static final int VIEWS = 16;
  private static final int SIZE = 64;
  private static final int BATCH = 32;

  /** Batches made ahead, enough that no thread waits for the consumer. */
  private static final int AHEAD = 8;

  private static final long MEGABYTE = 1 << 20;

  @Option(
      names = "--objects",
      paramLabel = "N",
      description = "Pieces of furniture (default ${DEFAULT-VALUE}).")
  int objects = 48;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description =
          "Pairs to make; a tenth as many are rendered on demand (default ${DEFAULT-VALUE}).")
  long pairs = 100_000;

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of threads to try (default ${DEFAULT-VALUE}).")
  int[] threads = {1, 2};

  @Override
  public Integer call() throws IOException {
    require(
        objects >= 1 && objects <= 100_000, "--objects is " + objects + ", expected 1 to 100000");
    require(pairs >= BATCH, "--pairs is " + pairs + ", expected " + BATCH + " or more");
    for (int n : threads) {
      require(n >= 1 && n <= 256, "--threads is " + n + ", expected 1 to 256");
    }
    out().println("what                          threads   per second");
    for (int size : new int[] {SIZE, 256}) {
      for (int n : threads) {
        // The first run warms up the compiler.
        render(size, n, null);
        row("images of " + size + "×" + size + " rendered", n, render(size, n, null));
      }
    }
    Path folder = Files.createTempDirectory("cvs-bench");
    try {
      ViewSetWriter writer = new ViewSetWriter(folder);
      render(SIZE, 1, writer);
      writer.finish();
      ViewPairDataset dataset =
          ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, PairOptions.of(BATCH, seed));
      for (int n : threads) {
        row("pairs of 64×64 from a folder", n, batches(dataset, pairs, n));
      }
      Path tars = Files.createDirectory(folder.resolve(".tars"));
      long half = shard(ViewSet.open(folder), tars.resolve(ShardWriter.name(0, 1))) / 2;
      PairSource streamed =
          StreamedPairs.open(
              ViewSet.open(tars), Split.TRAIN, PairOptions.of(BATCH, seed).withMaxBytes(half));
      for (int n : threads) {
        row("pairs of 64×64 from a shard", n, batches(streamed, pairs, n));
      }
      PairSource anew =
          new RenderedPairs(
              ProceduralScenes.sources(objects, seed),
              SIZE,
              PairOptions.of(BATCH, seed),
              new MeshVariation(0.2, 1, 0.3));
      for (int n : threads) {
        row("pairs of 64×64 rendered anew", n, batches(anew, Math.max(BATCH, pairs / 10), n));
      }
    } finally {
      delete(folder);
    }
    return 0;
  }

  /** Renders and returns images a second; writes them if there is a writer. */
  private double render(int size, int n, ViewSetWriter writer) throws IOException {
    return ViewSetRenderer.render(
            ProceduralScenes.sources(objects, seed),
            RenderJob.of(VIEWS, size, seed).withThreads(n),
            (id, origin, rendered) -> {
              if (writer != null) {
                writer.write(
                    id, rendered.stream().map(BenchDataVerb::view).toList(), meta(rendered));
              }
            },
            (progress, word) -> {})
        .viewsPerSecond();
  }

  /** Writes the objects of a set into one shard; returns the bytes of their images in memory. */
  private static long shard(ViewSet set, Path file) throws IOException {
    long bytes = 0;
    try (ShardWriter writer = new ShardWriter(file)) {
      for (String id : set.ids()) {
        ViewObject object = set.object(id);
        List<View> views = new ArrayList<>();
        for (int i = 0; i < object.size(); i++) {
          views.add(object.read(i));
          bytes += views.get(i).rgba().length;
        }
        writer.write(ShardWriter.id(id), views, object.meta().orElseThrow());
      }
      writer.finish();
    }
    return bytes;
  }

  private static View view(RenderedView view) {
    return View.of(view.intrinsics(), view.pose(), view.rgba());
  }

  private static ObjectMeta meta(List<RenderedView> views) {
    return new ObjectMeta(
        views.get(0).intrinsics(),
        ViewCameras.MIN_RADIUS,
        ViewCameras.MAX_RADIUS,
        "procedural",
        "CC0-1.0",
        "bench",
        "",
        "");
  }

  /**
   * Makes batches and returns pairs a second; prints the growth of the heap after the first
   * hundredth.
   */
  private double batches(PairSource source, long wanted, int n) {
    long count = wanted / BATCH;
    long early = Math.max(1, count / 100);
    try (Prefetcher<ViewBatch> prefetcher = new Prefetcher<>(source::batch, 0, AHEAD, n)) {
      long made = 0;
      for (; made < early; made++) {
        prefetcher.next();
      }
      long before = liveBytes();
      long start = System.nanoTime();
      for (; made < count; made++) {
        prefetcher.next();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long grown = liveBytes() - before;
      out()
          .printf(
              Locale.ROOT,
              "live memory after %d pairs: %+.1f MB since the first %d%n",
              count * BATCH,
              (double) grown / MEGABYTE,
              early * BATCH);
      return (count - early) * BATCH / seconds;
    }
  }

  private static long liveBytes() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  private void row(String what, int n, double rate) {
    out().printf(Locale.ROOT, "%-30s %6d %12.0f%n", what, n, rate);
    out().flush();
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
