package ai.fresnel.cvs.train;

import ai.djl.Device;
import ai.fresnel.cvs.train.render.MeshSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What both stages' runs need: {@code set} methods are required, {@code opt} methods are not.
 *
 * @param <B> the builder itself
 */
public abstract class RunBuilder<B extends RunBuilder<B>> {

  private Path data;
  private List<? extends MeshSource> meshes;
  private Path run;
  private TrainingConfig config;
  private Device device = Device.cpu();
  private Consumer<TrainingProgress> progress = p -> {};
  private BooleanSupplier stop = () -> false;

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
    device = value;
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

  ViewRun viewRun() {
    return new ViewRun(
        Objects.requireNonNull(run, "setRun is required"),
        Objects.requireNonNull(data, "setData is required"),
        meshes,
        device,
        progress,
        stop);
  }

  TrainingConfig config() {
    return config;
  }

  Device device() {
    return device;
  }
}
