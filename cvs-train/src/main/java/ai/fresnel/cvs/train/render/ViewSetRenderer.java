package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.mesh.TextFiles;
import ai.fresnel.cvs.train.procedural.Seeds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Renders many objects with several threads.
 *
 * <p>A broken object costs one line and never stops the others. The images of an object depend on
 * the job's seed and the object's id alone: not on threads, shards or the rest of the list.
 */
public final class ViewSetRenderer {
  /** Objects that cover less of their images, on average, teach nothing. */
  private static final double MIN_COVERAGE = 0.005;

  private ViewSetRenderer() {}

  /** Takes the views of one object after another. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Says whether an object's images are needed; asked before the object is loaded, from several
     * threads at once. An interrupted rendering goes on where it ended by wanting only the rest.
     *
     * @param id the object's name
     * @return false to count it as done
     * @throws IOException if that cannot be told; ends the whole rendering
     */
    default boolean wants(String id) throws IOException {
      return true;
    }

    /**
     * Takes an object. Called from several threads at once, never twice for an id.
     *
     * @param id the object's name
     * @param origin the mesh and where it is from
     * @param views its images, in the order of the cameras
     * @throws IOException if they cannot be kept; ends the whole rendering
     */
    void accept(String id, LoadedMesh origin, List<RenderedView> views) throws IOException;
  }

  /** Hears how the work goes. Called by one thread at a time. */
  @FunctionalInterface
  public interface Listener {
    /**
     * One more object is through.
     *
     * @param progress the state after it
     * @param word why the object was skipped, or what it lacked, in one line; empty if all is well
     */
    void progressed(Progress progress, String word);
  }

  /**
   * How far the work is.
   *
   * @param done objects rendered, or not wanted
   * @param skipped objects left out
   * @param total objects in this shard
   * @param viewsPerSecond images a second since the start, loading included
   */
  public record Progress(int done, int skipped, int total, double viewsPerSecond) {}

  /**
   * Renders.
   *
   * @param sources the objects; each must have an id of its own
   * @param job how
   * @param sink takes the images
   * @param listener hears of every object
   * @return the final state
   * @throws IOException what the sink threw
   */
  public static Progress render(
      List<? extends MeshSource> sources, RenderJob job, Sink sink, Listener listener)
      throws IOException {
    List<MeshSource> part = new ArrayList<>();
    for (int i = job.shard(); i < sources.size(); i += job.shards()) {
      part.add(sources.get(i));
    }
    Run run = new Run(part, job, sink, listener);
    ExecutorService pool = Executors.newFixedThreadPool(job.threads());
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < job.threads(); i++) {
        workers.add(pool.submit(run));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UncheckedIOException io) {
        throw io.getCause();
      }
      throw new IllegalStateException("rendering failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("rendering was interrupted", e);
    } finally {
      pool.shutdownNow();
    }
    return run.progress();
  }

  /**
   * Renders one object as {@link #render} does.
   *
   * @param id the object's name, part of the seed
   * @param mesh what to draw
   * @param job how; shard and threads do not matter
   * @return the images
   */
  public static List<RenderedView> renderObject(String id, Mesh mesh, RenderJob job) {
    long seed = Seeds.derive(job.seed(), id);
    Rasterizer rasterizer = new Rasterizer(mesh, Lighting.random(seed), job.supersampling());
    Intrinsics intrinsics = ViewCameras.intrinsics(job.size());
    List<RenderedView> views = new ArrayList<>();
    for (CameraPose pose : ViewCameras.random(job.views(), seed)) {
      views.add(rasterizer.render(pose, intrinsics));
    }
    return views;
  }

  private enum Outcome {
    RENDERED,
    UNWANTED,
    SKIPPED
  }

  private static final class Run implements Runnable {
    private final List<MeshSource> sources;
    private final RenderJob job;
    private final Sink sink;
    private final Listener listener;
    private final AtomicInteger next = new AtomicInteger();
    private final long start = System.nanoTime();
    private int done;
    private int rendered;
    private int skipped;

    Run(List<MeshSource> sources, RenderJob job, Sink sink, Listener listener) {
      this.sources = sources;
      this.job = job;
      this.sink = sink;
      this.listener = listener;
    }

    @Override
    public void run() {
      for (int i = next.getAndIncrement(); i < sources.size(); i = next.getAndIncrement()) {
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
        try {
          one(sources.get(i));
        } catch (IOException e) {
          next.set(sources.size());
          throw new UncheckedIOException(e);
        }
      }
    }

    private void one(MeshSource source) throws IOException {
      if (!sink.wants(source.id())) {
        report(Outcome.UNWANTED, "");
        return;
      }
      LoadedMesh loaded;
      List<RenderedView> views;
      try {
        loaded = source.load();
        views = renderObject(source.id(), loaded.mesh(), job);
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        report(Outcome.SKIPPED, source.id() + " skipped: " + TextFiles.oneLine(e));
        return;
      }
      double coverage = views.stream().mapToDouble(RenderedView::coverage).average().orElse(0);
      if (coverage < MIN_COVERAGE) {
        report(
            Outcome.SKIPPED,
            source.id()
                + " skipped: covers "
                + Math.round(1000 * coverage) / 10.0
                + " % of its images");
        return;
      }
      sink.accept(source.id(), loaded, views);
      String notes = String.join("; ", loaded.notes());
      report(Outcome.RENDERED, notes.isEmpty() ? "" : source.id() + ": " + notes);
    }

    private synchronized void report(Outcome outcome, String word) {
      rendered += outcome == Outcome.RENDERED ? 1 : 0;
      done += outcome == Outcome.SKIPPED ? 0 : 1;
      skipped += outcome == Outcome.SKIPPED ? 1 : 0;
      listener.progressed(progress(), word);
    }

    synchronized Progress progress() {
      double seconds = Math.max(1e-9, (System.nanoTime() - start) / 1e9);
      return new Progress(done, skipped, sources.size(), rendered * (double) job.views() / seconds);
    }
  }
}
