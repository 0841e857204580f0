package ai.fresnel.cvs.train;

import ai.djl.Device;
import ai.djl.training.evaluator.Evaluator;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.config.TrainingConfigBuilder;
import ai.fresnel.cvs.train.memory.MemoryModel;
import ai.fresnel.cvs.train.memory.MemoryPlan;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.run.Observers;
import ai.fresnel.cvs.train.run.TrainingProgress;
import ai.fresnel.cvs.train.run.ViewRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Settings that both stages' runs share: {@code set} methods are required, {@code opt} methods are
 * not.
 *
 * @param <B> the builder itself
 */
public abstract class RunBuilder<B extends RunBuilder<B>> {

  private Path data;
  private List<? extends MeshSource> meshes;
  private Path run;
  private TrainingConfig config;
  private List<Device> devices = List.of(Device.cpu());
  private long memory;
  private Set<String> given = Set.of();
  private Consumer<TrainingProgress> progress = p -> {};
  private BooleanSupplier stop = () -> false;
  private List<TrainingListener> listeners = List.of();
  private List<Evaluator> evaluators = List.of();

  RunBuilder(TrainingConfig config) {
    this.config = config;
  }

  abstract B self();

  /**
   * Sets the data.
   *
   * @param value a view set's folder
   * @return this builder
   */
  public B setData(Path value) {
    data = value;
    return self();
  }

  /**
   * Sets meshes whose views are rendered anew for each sample, in place of those of the view set,
   * which still says which objects are trained on, and is looked at by previews.
   *
   * @param value meshes, of which those with the name of an object of the train split are used
   * @return this builder
   */
  public B optMeshes(List<? extends MeshSource> value) {
    meshes = List.copyOf(value);
    return self();
  }

  /**
   * Sets where the run is kept.
   *
   * @param value a new folder, or that of a run to resume
   * @return this builder
   */
  public B setRun(Path value) {
    run = value;
    return self();
  }

  /**
   * Sets how to train.
   *
   * @param value the settings; those of the stage by default
   * @return this builder
   */
  public B optConfig(TrainingConfig value) {
    config = value;
    return self();
  }

  /**
   * Sets the device.
   *
   * @param value the device; the CPU by default
   * @return this builder
   */
  public B optDevice(Device value) {
    return optDevices(value);
  }

  /**
   * Sets several devices of this machine. Each holds a copy of the networks and computes a share of
   * every batch; the first makes the update and holds all else. The update is that of one device
   * but for rounding, and a run may be resumed on others.
   *
   * @param value the devices; one that is named twice computes two shares
   * @return this builder
   * @throws IllegalArgumentException if there is none
   */
  public B optDevices(Device... value) {
    if (value.length == 0) {
      throw new IllegalArgumentException("no devices, expected at least 1");
    }
    devices = List.of(value);
    return self();
  }

  /**
   * Sets who hears of progress, about every ten seconds.
   *
   * @param value the listener
   * @return this builder
   */
  public B optProgress(Consumer<TrainingProgress> value) {
    progress = value;
    return self();
  }

  /**
   * Sets what may end this part of the run early.
   *
   * @param value asked after each step, on the thread that trains: true means save the state and
   *     return; the next call of {@code train} goes on from there
   * @return this builder
   */
  public B optStop(BooleanSupplier value) {
    stop = value;
    return self();
  }

  /**
   * Adds DJL listeners, such as {@code TrainingListener.Defaults.basic()}. They are called on the
   * thread that trains, after the run's own:
   *
   * <ul>
   *   <li>{@code onTrainingBegin} and {@code onTrainingEnd} when this part of the run starts and
   *       ends;
   *   <li>{@code onTrainingBatch} after each update, with the batch of the whole step as {@link
   *       ai.fresnel.cvs.train.data.DjlBatches} names it, and by device the true views and the
   *       predictions x0 (a step's parts joined), both as images (N, 3, S, S), the true ones in
   *       [-1, 1]. Where a volume is trained alone, these are the rendered views, and the true ones
   *       are averaged to their size. All of it is closed after the call. A step that is left out,
   *       or whose loss is not finite, is not told;
   *   <li>{@code onEpoch} after as many samples as the train split has views, and at the end of
   *       this part of the run if an epoch has begun. A run that goes back tells an epoch again;
   *   <li>{@code onValidationBatch} never: validation measures the averaged weights.
   * </ul>
   *
   * <p>DJL's loss is the run's objective. The step's predictions stay in memory until the update
   * has been told; the run computes the same with and without listeners. Their exceptions end the
   * run, without saving a state.
   *
   * @param value the listeners, in place of those set before
   * @return this builder
   */
  public B optListeners(TrainingListener... value) {
    listeners = List.of(value);
    return self();
  }

  /**
   * Adds DJL evaluators of the predictions, such as {@link
   * ai.fresnel.cvs.train.eval.PsnrEvaluator}. They see what {@link #optListeners} says, at the
   * sigmas of training. If no {@code EvaluatorTrainingListener} is among the listeners, one is
   * added.
   *
   * @param value the evaluators, in place of those set before
   * @return this builder
   */
  public B optEvaluators(Evaluator... value) {
    evaluators = List.of(value);
    return self();
  }

  /**
   * Fits the run into the memory of its device: a {@link MemoryPlan} decides what is not given. A
   * run that goes on keeps the plan that it was started with.
   *
   * @param bytes what may be used
   * @param settings which of {@link MemoryPlan#SETTINGS} stay as {@link #optConfig} has them
   * @return this builder
   */
  public B optMemory(long bytes, Set<String> settings) {
    memory = bytes;
    given = Set.copyOf(settings);
    return self();
  }

  /** Makes the plan, which from then on is what is trained with. */
  MemoryPlan settle(MemoryModel model) throws IOException {
    Set<String> fixed = given;
    Optional<TrainingConfig> started =
        run == null ? Optional.empty() : ViewRun.settings(run, config);
    if (started.isPresent()) {
      TrainingConfig before = started.get();
      TrainingConfigBuilder kept = config.toBuilder();
      if (!given.contains("accumulation")) {
        kept.compute(c -> c.withAccumulation(before.compute().accumulation()));
      }
      if (!given.contains("checkpointLevels")) {
        kept.compute(c -> c.withCheckpointLevels(before.compute().checkpointLevels()));
      }
      if (!given.contains("precision")) {
        kept.compute(c -> c.withPrecision(before.compute().precision()));
      }
      config = kept.build();
      fixed = MemoryPlan.SETTINGS;
    }
    MemoryPlan plan = MemoryPlan.of(memory, model, config, fixed);
    config = plan.config();
    return plan;
  }

  /** Whether there is a plan to be made. */
  boolean hasMemory() {
    return memory > 0;
  }

  ViewRun viewRun() {
    return new ViewRun(
        Objects.requireNonNull(run, "setRun is required"),
        Objects.requireNonNull(data, "setData is required"),
        meshes,
        devices,
        progress,
        stop,
        new Observers(listeners, evaluators));
  }

  TrainingConfig config() {
    return config;
  }

  /** The first device. */
  Device device() {
    return devices.get(0);
  }
}
