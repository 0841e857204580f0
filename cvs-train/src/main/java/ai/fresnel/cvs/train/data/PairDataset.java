package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.util.Progress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;

/**
 * A {@link PairSource} as a DJL {@link Dataset}, for DJL's {@code Trainer} and {@code EasyTrain}.
 *
 * <p>A source is endless: an epoch is a stated number B of its batches. Each call of {@code
 * getData} begins the next epoch, so that epoch e, from 0, has batches e·B to e·B + B − 1 of the
 * source, or always the same in a data set that is {@link #repeated}. Batch i holds the numbers of
 * {@link PairSource#batch} bit for bit, as {@link DjlBatches} names them. Each lives in a
 * sub-manager of its own: close it when it is done with.
 *
 * <p>Only the number of the next epoch is kept. A run that resumes starts at it with {@link
 * #startingAt}.
 */
public final class PairDataset implements Dataset {

  /** Batches that an executor makes ahead. */
  private static final int AHEAD = 4;

  private final PairSource source;
  private final int batches;
  private final boolean repeats;
  private long nextEpoch;

  private PairDataset(PairSource source, int batches, boolean repeats, long nextEpoch) {
    this.source = source;
    this.batches = batches;
    this.repeats = repeats;
    this.nextEpoch = nextEpoch;
  }

  /**
   * Makes a data set that starts at epoch 0.
   *
   * @param source where the pairs come from
   * @param batches B, the batches of an epoch, 1 or more
   * @return the data set
   * @throws IllegalArgumentException if {@code batches} is below 1
   */
  public static PairDataset of(PairSource source, int batches) {
    if (batches < 1) {
      throw new IllegalArgumentException("an epoch of " + batches + " batches, expected 1 or more");
    }
    return new PairDataset(source, batches, false, 0);
  }

  /**
   * Says where to start, for instance where an earlier process stopped.
   *
   * @param epoch the number of the first epoch, 0 or more
   * @return a data set that starts there
   * @throws IllegalArgumentException if {@code epoch} is below 0
   */
  public PairDataset startingAt(long epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch is " + epoch + ", expected 0 or more");
    }
    return new PairDataset(source, batches, repeats, epoch);
  }

  /**
   * Repeats one epoch, as validation wants it.
   *
   * @return a data set whose every epoch is the next one of this data set
   */
  public PairDataset repeated() {
    return new PairDataset(source, batches, true, epoch(false));
  }

  /**
   * Counts the batches of an epoch.
   *
   * @return B, 1 or more
   */
  public int batches() {
    return batches;
  }

  @Override
  public Iterable<Batch> getData(NDManager manager) {
    return epoch(manager, Runnable::run, 1);
  }

  /**
   * Begins the next epoch, whose batches are made ahead.
   *
   * @param manager the parent of the batches' managers
   * @param executor makes up to four batches ahead; null = each batch is made when it is asked for
   * @return the batches of one epoch; every iteration of them is the same
   */
  @Override
  public Iterable<Batch> getData(NDManager manager, ExecutorService executor) {
    return executor == null ? getData(manager) : epoch(manager, executor, AHEAD);
  }

  private Iterable<Batch> epoch(NDManager manager, Executor executor, int ahead) {
    long first = epoch(true) * batches;
    return () -> new Batches(manager, first, executor, ahead);
  }

  private synchronized long epoch(boolean advances) {
    long epoch = nextEpoch;
    if (advances && !repeats) {
      nextEpoch++;
    }
    return epoch;
  }

  /** Does nothing: a source is ready when it is made. */
  @Override
  public void prepare(Progress progress) {}

  private final class Batches implements Iterator<Batch> {

    private final NDManager manager;
    private final long first;
    private final Executor executor;
    private final int ahead;
    private final Deque<CompletableFuture<ViewBatch>> pending = new ArrayDeque<>();
    private int asked;
    private int given;

    Batches(NDManager manager, long first, Executor executor, int ahead) {
      this.manager = manager;
      this.first = first;
      this.executor = executor;
      this.ahead = ahead;
    }

    @Override
    public boolean hasNext() {
      return given < batches;
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the epoch has " + batches + " batches");
      }
      while (asked < batches && pending.size() < ahead) {
        long index = first + asked++;
        pending.add(CompletableFuture.supplyAsync(() -> source.batch(index), executor));
      }
      ViewBatch made = pending.remove().join();
      given++;
      NDManager own = manager.newSubManager();
      try {
        return DjlBatches.of(own, made.on(own), given, batches);
      } catch (RuntimeException e) {
        own.close();
        throw e;
      }
    }
  }
}
