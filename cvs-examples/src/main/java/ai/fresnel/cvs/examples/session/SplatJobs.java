package ai.fresnel.cvs.examples.session;

import ai.djl.util.Progress;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.queue.BusyException;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.train.splat.GeneratedViews;
import ai.fresnel.cvs.train.splat.SplatData;
import ai.fresnel.cvs.train.splat.SplatOptimiser;
import ai.fresnel.cvs.train.splat.SplatSettings;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Gaussians of photographs, one job at a time. The first ones come at once from the model's
 * volume; those that are fitted to views replace them.
 */
public final class SplatJobs implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SplatJobs.class);

  /** Jobs that may wait. */
  private static final int WAITING = 8;

  /** Views of a pass: short passes let those through that somebody waits for. */
  private static final int BATCH = 4;

  /** The share of a job that its views take. */
  private static final double DRAWING = 0.3;

  private final ViewSynthesizer cvs;
  private final int threads;
  private final ThreadPoolExecutor executor;

  /**
   * Starts without jobs.
   *
   * @param cvs draws the views
   * @param threads the most threads that fit Gaussians
   */
  public SplatJobs(ViewSynthesizer cvs, int threads) {
    this.cvs = cvs;
    this.threads = threads;
    executor =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            work -> {
              Thread thread = new Thread(work, "splats");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Says whether the model can make Gaussians.
   *
   * @return whether it has a volume
   */
  public boolean isPossible() {
    return cvs.config().hasVolume();
  }

  /**
   * Begins a job; an earlier one of the same photograph is dropped.
   *
   * @param session the photograph
   * @param order what is asked for
   * @return the job
   * @throws BusyException if too many wait
   * @throws IllegalStateException if the photograph cannot be framed, or the model has no volume
   */
  public SplatJob start(Session session, SplatOrder order) {
    if (!isPossible()) {
      throw new IllegalStateException(
          "model " + cvs.config().name() + " has no volume, which Gaussians are made of");
    }
    StoredPhotograph photograph = session.photograph();
    ViewRequest request =
        photograph.request(GeneratedViews.cameras(photograph.camera().pose())).withBatchSize(BATCH);
    SplatJob job = new SplatJob();
    try {
      executor.execute(() -> run(job, request, order));
    } catch (RejectedExecutionException e) {
      throw new BusyException("too many splats are waiting (" + WAITING + ")");
    }
    session.setSplat(job);
    return job;
  }

  private void run(SplatJob job, ViewRequest request, SplatOrder order) {
    try {
      make(job, request, order);
    } catch (CancellationException e) {
      job.fail("the photograph was replaced or forgotten");
    } catch (RuntimeException | Error e) {
      if (!job.isCancelled()) {
        LOG.warn("a splat failed", e);
      }
      job.fail("the splat failed: " + e.getMessage());
    }
  }

  private void make(SplatJob job, ViewRequest request, SplatOrder order) {
    advance(job, SplatJob.State.DRAWING, 0);
    SplatSettings settings = SplatSettings.generated().withGaussians(order.gaussians());
    job.publish(
        GaussianCloud.of(
            cvs.volumeCells(request).gaussians(settings.gaussians(), settings.shDegree())));
    if (order.steps() > 0) {
      settings = settings.withSteps(order.steps());
      SplatData data = GeneratedViews.draw(cvs, request, new Drawing(job));
      SplatOptimiser optimiser =
          new SplatOptimiser(settings, data.training(), data.start().gaussians(settings), threads);
      while (!optimiser.isDone()) {
        advance(
            job,
            SplatJob.State.FITTING,
            DRAWING + (1 - DRAWING) * optimiser.done() / settings.steps());
        optimiser.step();
      }
      job.publish(optimiser.cloud());
    }
    advance(job, SplatJob.State.DONE, 1);
  }

  private static void advance(SplatJob job, SplatJob.State state, double share) {
    if (job.isCancelled()) {
      throw new CancellationException();
    }
    job.advance(state, share);
  }

  /** Progress of the views. */
  private static final class Drawing implements Progress {
    private final SplatJob job;
    private long most = 1;
    private long done;

    Drawing(SplatJob job) {
      this.job = job;
    }

    @Override
    public void reset(String message, long max, String trailing) {
      most = Math.max(1, max);
    }

    @Override
    public void start(long initial) {
      update(initial, null);
    }

    @Override
    public void end() {}

    @Override
    public void increment(long by) {
      update(done + by, null);
    }

    @Override
    public void update(long value, String message) {
      done = value;
      advance(job, SplatJob.State.DRAWING, DRAWING * done / most);
    }
  }

  /** Drops the waiting jobs and ends the running one. */
  @Override
  public void close() {
    executor.shutdownNow();
    try {
      executor.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
