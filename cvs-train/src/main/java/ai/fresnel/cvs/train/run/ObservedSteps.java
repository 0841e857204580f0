package ai.fresnel.cvs.train.run;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.DjlBatches;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.RenderingLoss;
import ai.fresnel.cvs.view.Outputs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Shows the steps of a run to its {@link Observers} as DJL does. It keeps a step's predictions,
 * without their graph, and the true views, on the devices they are on, until the update has been
 * told. Without observers it keeps nothing.
 */
final class ObservedSteps {

  private final Observers observers;
  private final Map<Device, StateCodec> codecs = new LinkedHashMap<>();
  private final long epoch;
  private final Map<Device, Kept> kept = new LinkedHashMap<>();
  private TrainingBatch batch;
  private long sinceEpoch;

  /** The images of a step on one device, part by part. */
  private record Kept(NDManager manager, List<NDArray> predictions, List<NDArray> truths) {}

  /**
   * @param observers who sees the steps
   * @param epoch samples of an epoch, 1 or more
   */
  ObservedSteps(Observers observers, long epoch) {
    this.observers = observers;
    this.epoch = epoch;
  }

  /** Steps that nobody sees. */
  static ObservedSteps none() {
    return new ObservedSteps(Observers.none(), Long.MAX_VALUE);
  }

  /** Says what makes images of the states that are predicted on a device. */
  void decodeBy(Device device, StateCodec codec) {
    codecs.put(device, codec);
  }

  /** Adds the observers to a trainer's configuration, after the listeners it has. */
  void addTo(DefaultTrainingConfig config) {
    observers.listeners().forEach(config::addTrainingListeners);
    observers.evaluators().forEach(config::addEvaluator);
  }

  /** Begins a step with its whole batch. */
  void begin(TrainingBatch whole) {
    if (!observers.isEmpty()) {
      clear();
      batch = whole;
    }
  }

  /** Keeps the predictions of a part, (N, ...) states on the owner's device. */
  void predicted(NDManager owner, NDArray x0) {
    if (batch == null) {
      return;
    }
    Kept there = on(owner);
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      NDArray state = x0.stopGradient();
      state.attach(there.manager());
      there.predictions().add(codecs.get(owner.getDevice()).decode(state));
    }
  }

  /** Keeps the true views of the part whose predictions were kept last. */
  void labelled(NDManager owner, TrainingBatch part) {
    if (batch == null) {
      return;
    }
    Kept there = on(owner);
    NDArray images = part.targets().duplicate();
    images.attach(there.manager());
    NDArray predicted = there.predictions().get(there.predictions().size() - 1);
    if (!images.getShape().equals(predicted.getShape())) {
      // A volume that is trained alone renders at a lower resolution.
      images = RenderingLoss.averaged(images, predicted);
      images.attach(there.manager());
    }
    there.truths().add(images);
  }

  private Kept on(NDManager owner) {
    return kept.computeIfAbsent(
        owner.getDevice(),
        device -> new Kept(owner.newSubManager(), new ArrayList<>(), new ArrayList<>()));
  }

  /**
   * Tells a trainer's listeners of its update and forgets the step.
   *
   * @param isFinite whether the step's loss is finite; if not, the run goes back, and only the
   *     run's own listeners hear of it
   * @param done samples seen
   * @param total samples of the run
   */
  void tell(Trainer trainer, boolean isFinite, long done, long total) {
    Map<Device, NDList> labels = new ConcurrentHashMap<>();
    Map<Device, NDList> predictions = new ConcurrentHashMap<>();
    kept.forEach(
        (device, there) -> {
          labels.put(device, joined(DjlBatches.TARGET, there, there.truths()));
          predictions.put(device, joined(Outputs.X0, there, there.predictions()));
        });
    try (NDManager manager = trainer.getManager().newSubManager()) {
      Batch whole = batch == null ? null : DjlBatches.of(manager, batch.on(manager), done, total);
      TrainingListener.BatchData data = new TrainingListener.BatchData(whole, labels, predictions);
      trainer.notifyListeners(
          listener -> {
            if (isFinite || !observers.listeners().contains(listener)) {
              listener.onTrainingBatch(trainer, data);
            }
          });
    } finally {
      clear();
    }
  }

  private static NDList joined(String name, Kept there, List<NDArray> parts) {
    NDArray all = parts.size() == 1 ? parts.get(0) : NDArrays.concat(new NDList(parts));
    all.attach(there.manager());
    all.setName(name);
    return new NDList(all);
  }

  /** Counts samples, and ends an epoch when it is complete. */
  void count(Trainer trainer, long samples, long done) {
    sinceEpoch += samples;
    if (done / epoch > (done - samples) / epoch) {
      endEpoch(trainer);
    }
  }

  /** Ends an epoch that has begun. */
  void endEpoch(Trainer trainer) {
    if (sinceEpoch > 0) {
      sinceEpoch = 0;
      trainer.notifyListeners(listener -> listener.onEpoch(trainer));
    }
  }

  /** Forgets the step. */
  void clear() {
    kept.values().forEach(there -> there.manager().close());
    kept.clear();
    batch = null;
  }
}
