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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Renders objects with several threads.
 *
 * <p>A broken object is reported in one line and does not stop the others, not even if it overflows
 * the stack or the memory; then it is tried again alone. The images of an object depend only on the
 * seed of the job and the id of the object, not on threads, shards or the rest of the list.
 */
public final class ViewSetRenderer {
  /**
   * The least mean coverage of the images of an object; smaller objects are useless for training.
   */
  private static final double MIN_COVERAGE = 0.005;

  private ViewSetRenderer() {}

  /** Receives the views of each object. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Says whether the images of an object are needed. Called before the object is loaded, by
     * several threads at once. An interrupted rendering continues by asking only for the rest.
     *
     * @param id the id of the object
     * @return false to count it as done
     * @throws IOException if that is unknown; ends the whole rendering
     */
    default boolean wants(String id) throws IOException {
      return true;
    }

    /**
     * Receives an object. Called by several threads at once, never twice for an id.
     *
     * @param id the id of the object
     * @param origin the mesh and its origin
     * @param views its images, in the order of the cameras
     * @throws IOException if they cannot be stored; ends the whole rendering
     */
    void accept(String id, LoadedMesh origin, List<RenderedView> views) throws IOException;
  }

  /** Hears about the progress. Called by one thread at a time. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Called after each object.
     *
     * @param progress the progress
     * @param word why the object was skipped, or what it lacks, in one line; empty if neither
     */
    void progressed(Progress progress, String word);
  }

  /**
   * The progress of rendering.
   *
   * @param done objects rendered or not needed
   * @param skipped objects skipped
   * @param total objects in this shard
   * @param viewsPerSecond views a second since the start, including loading
   */
  public record Progress(int done, int skipped, int total, double viewsPerSecond) {}

  /**
   * Renders objects.
   *
   * @param sources the objects, with unique ids
   * @param job the settings
   * @param sink receives the images
   * @param listener hears about every object
   * @return the final progress
   * @throws IOException from the sink
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
      run.renderLarge();
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
   * @param id the id of the object, part of the seed
   * @param mesh the mesh
   * @param job the settings; ignores shard and threads
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
    private final Queue<MeshSource> large = new ConcurrentLinkedQueue<>();
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
          one(sources.get(i), job.threads() == 1);
        } catch (IOException e) {
          next.set(sources.size());
          throw new UncheckedIOException(e);
        }
      }
    }

    /** Tries the objects again, one at a time, that did not fit into the memory beside others. */
    void renderLarge() throws IOException {
      for (MeshSource source : large) {
        one(source, true);
      }
    }

    /**
     * Renders an object.
     *
     * @param alone whether no other object is in memory; else one that is too large waits
     */
    private void one(MeshSource source, boolean alone) throws IOException {
      if (!sink.wants(source.id())) {
        report(Outcome.UNWANTED, "");
        return;
      }
      LoadedMesh loaded;
      List<RenderedView> views;
      try {
        loaded = source.load();
        views = renderObject(source.id(), loaded.mesh(), job);
      } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
        if (!alone && (e instanceof OutOfMemoryError || e.getCause() instanceof OutOfMemoryError)) {
          large.add(source);
        } else {
          skip(source, TextFiles.oneLine(e));
        }
        return;
      }
      double coverage = views.stream().mapToDouble(RenderedView::coverage).average().orElse(0);
      if (coverage < MIN_COVERAGE) {
        skip(source, "covers " + Math.round(1000 * coverage) / 10.0 + " % of its images");
        return;
      }
      try {
        sink.accept(source.id(), loaded, views);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        skip(source, TextFiles.oneLine(e));
        return;
      }
      String notes = String.join("; ", loaded.notes());
      report(Outcome.RENDERED, notes.isEmpty() ? "" : source.id() + ": " + notes);
    }

    private void skip(MeshSource source, String reason) {
      report(Outcome.SKIPPED, source.id() + " skipped: " + reason);
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
