package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;

/** Saves a run's state and snapshots, measures and draws how good its averaged weights are. */
final class RunKeeper implements TrainingLoop.Keeper {

  private final Path run;
  private final TrainingState state;
  private final Snapshots snapshots;
  private final Validation validation;
  private final Previews previews;
  private final RunLog log;
  private final NDManager manager;

  /**
   * @param run the run's folder
   * @param state what resuming needs
   * @param snapshots model folders of the averaged weights
   * @param validation measures these
   * @param previews draws with these
   * @param log hears of previews
   * @param manager where the run's arrays live
   */
  RunKeeper(
      Path run,
      TrainingState state,
      Snapshots snapshots,
      Validation validation,
      Previews previews,
      RunLog log,
      NDManager manager) {
    this.run = run;
    this.state = state;
    this.snapshots = snapshots;
    this.validation = validation;
    this.previews = previews;
    this.log = log;
    this.manager = manager;
  }

  @Override
  public boolean isSound() {
    return state.isFinite();
  }

  @Override
  public void save(TrainingState.Counters counters) throws IOException {
    state.save(run, counters);
    snapshots.save(counters);
  }

  @Override
  public TrainingState.Counters restore() throws IOException {
    return state.restore(run, manager);
  }

  @Override
  public double validate(TrainingState.Counters counters) throws IOException {
    double measured = validation.measure(manager);
    snapshots.offer(measured, counters);
    return measured;
  }

  @Override
  public void preview(long samples) throws IOException {
    log.preview(samples, previews.draw(samples, manager));
  }
}
