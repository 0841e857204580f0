package ai.fresnel.cvs.train.run;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchOps;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.monitor.SigmaBins;
import ai.fresnel.cvs.train.optim.LossScaler;
import ai.fresnel.cvs.train.optim.ModelOptimizer;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.StepInputs;
import ai.fresnel.cvs.train.stage.TrainedBlock;
import ai.fresnel.cvs.view.Outputs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * DJL's trainer with whole-model updates: its own {@code step()} moves every parameter in one call
 * and zeroes the gradients, where DJL's would go parameter by parameter through a parameter server
 * that cannot be replaced.
 *
 * <p>Other devices hold replicas that compute their shares of a batch. All is issued from one
 * thread, for DJL has one gradient collector in the process: a GPU works behind the program's back,
 * so that nothing is waited for until all devices have their work. CPU devices take turns.
 */
final class StageTrainer extends Trainer {

  private final TrainingConfig config;
  private final ModelOptimizer optimizer;
  private final LossScaler scaler;
  private final Position position;
  private final List<Replica> replicas;
  private final TrainedBlock block;
  private final ObservedSteps observed;
  private final List<Measured> measured = new ArrayList<>();
  private boolean updated = true;
  private double scale = 1;
  private long lastBatch;
  private int lastParts;
  private double lastLoss = Double.NaN;
  private SigmaBins lastBins = new SigmaBins();
  private double lastNorm = Double.NaN;
  private boolean leftOut;

  /**
   * Losses that are still being computed.
   *
   * @param manager owns them
   * @param loss the part's share of the scaled loss
   * @param sigma the samples' sigmas
   * @param losses the samples' losses
   */
  private record Measured(NDManager manager, NDArray loss, NDArray sigma, NDArray losses) {}

  /** A trainer on one device. */
  StageTrainer(
      Model model, TrainingConfig config, Position position, TrainingListener... listeners) {
    this(model, config, position, List.of(), List.of(listeners), ObservedSteps.none());
  }

  /**
   * Makes a trainer.
   *
   * @param model holds a {@link TrainedBlock} on the first device
   * @param config how to train
   * @param position where the run stands
   * @param replicas what computes on further devices
   * @param listeners hear of each update
   * @param observed shows the steps to the caller's listeners
   */
  StageTrainer(
      Model model,
      TrainingConfig config,
      Position position,
      List<Replica> replicas,
      List<TrainingListener> listeners,
      ObservedSteps observed) {
    super(model, djlConfig(model, listeners, observed));
    this.observed = observed;
    this.config = config;
    this.position = position;
    this.replicas = List.copyOf(replicas);
    block = (TrainedBlock) model.getBlock();
    optimizer = ModelOptimizer.of(getManager(), block, config);
    scaler =
        config.compute().precision() == Precision.FLOAT16 ? new LossScaler(getManager()) : null;
  }

  private static ai.djl.training.TrainingConfig djlConfig(
      Model model, List<TrainingListener> listeners, ObservedSteps observed) {
    DefaultTrainingConfig config =
        new DefaultTrainingConfig(new StepLoss())
            .optDevices(new Device[] {model.getNDManager().getDevice()})
            .addTrainingListeners(listeners.toArray(new TrainingListener[0]));
    observed.addTo(config);
    return config;
  }

  /** The worker of the first device. */
  Worker worker(Stage stage) {
    return new Worker(getManager(), block, stage);
  }

  /**
   * Adds the gradient of a part of a step's batch to those before it. A step's first part is the
   * first device's, and replicas are used in order.
   *
   * @param worker whose device the inputs are on
   * @param inputs what the stage made of the part
   * @param share the part's share of the batch's samples
   */
  void accumulate(Worker worker, StepInputs inputs, double share) {
    if (updated) {
      updated = false;
      lastBatch = 0;
      lastParts = 0;
      // Asked once for each step: reading it again would wait for the first device.
      scale = lossScale();
    }
    NDManager owner = worker.manager();
    try (NDManager manager = owner.newSubManager();
        GradientCollector collector = newGradientCollector();
        ActivationCheckpointing checkpointing =
            ActivationCheckpointing.begin(manager, config.compute().checkpointLevels())) {
      Outputs made = worker.run(inputs);
      made.attach(manager);
      // Several losses may read one output, and their own networks may have segments, too.
      Outputs outputs = made.map(output -> ActivationCheckpointing.cut(manager, output));
      observed.predicted(owner, outputs.x0());
      NDArray losses = inputs.labels().perSample(outputs);
      manager.attachAll(losses);
      // The mean is taken of the samples' losses, so that telling these costs nothing.
      NDArray loss = losses.mean();
      double factor = share * scale;
      if (factor != 1) {
        loss = TorchOps.scale(loss, factor);
      }
      manager.attachAll(loss);
      collector.backward(loss);
      checkpointing.backward();
      measure(owner, loss, inputs.sigma(), losses);
    }
    lastBatch += inputs.sigma().getShape().get(0);
    lastParts++;
  }

  /**
   * Keeps losses without their graph, to be read when no device is kept waiting by it. The sigmas
   * may lie in Java's memory, which goes with the part: they are copied.
   */
  private void measure(NDManager owner, NDArray loss, NDArray sigma, NDArray losses) {
    NDManager kept = owner.newSubManager();
    Measured now =
        new Measured(kept, loss.stopGradient(), sigma.duplicate(), losses.stopGradient());
    kept.attachAll(now.loss(), now.sigma(), now.losses());
    measured.add(now);
  }

  /**
   * Moves the parameters along what has accumulated and tells the listeners; leaves it where the
   * scaled gradient is not finite.
   */
  void update() {
    updated = true;
    // Parts were dealt out in order: those beyond the first went to as many replicas at most.
    for (int i = 0; i < Math.min(replicas.size(), lastParts - 1); i++) {
      replicas.get(i).handOver(getModel().getBlock());
    }
    position.advance(lastBatch);
    step();
    read();
    leftOut = scaler != null && !Double.isFinite(lastNorm);
    if (leftOut) {
      position.leaveOut();
      scaler.backOff();
      observed.clear();
    } else {
      if (scaler != null) {
        scaler.grow();
      }
      observed.tell(this, Double.isFinite(lastLoss), position.samples(), config.run().maxSamples());
    }
    observed.count(this, lastBatch, position.samples());
  }

  /** Shows the steps to the caller's listeners. */
  ObservedSteps observed() {
    return observed;
  }

  private void read() {
    lastLoss = 0;
    lastBins = new SigmaBins();
    for (Measured part : measured) {
      lastLoss += part.loss().getFloat() / scale;
      lastBins.add(part.sigma().toFloatArray(), part.losses().toFloatArray());
      part.manager().close();
    }
    measured.clear();
    ((StepLoss) getLoss()).set(lastLoss);
  }

  @Override
  public void step() {
    lastNorm = optimizer.step(position.steps(), rate(), scale);
  }

  /** The learning rate at this point of the run. */
  double rate() {
    return config.rateSchedule().rate(position.samples()) * position.rateShare();
  }

  /** The factor of the loss, 1 where gradients are not scaled. */
  double lossScale() {
    return scaler == null ? 1 : scaler.scale();
  }

  /** The factor of the last step's loss. */
  double lastScale() {
    return scale;
  }

  /** Whether losses are scaled. */
  boolean scales() {
    return scaler != null;
  }

  /** Whether the last step was left out, its scaled gradient not being finite. */
  boolean leftOut() {
    return leftOut;
  }

  /** The replicas on further devices. */
  List<Replica> replicas() {
    return replicas;
  }

  /** Where the run stands. */
  Position position() {
    return position;
  }

  /** Updates so far. */
  long steps() {
    return position.steps();
  }

  /** Samples seen so far. */
  long samples() {
    return position.samples();
  }

  /** Samples of the last batch. */
  long lastBatch() {
    return lastBatch;
  }

  /** The loss of the last batch. */
  double lastLoss() {
    return lastLoss;
  }

  /** Adds the last batch's samples to bins of sigma, if its loss can tell them apart. */
  void addTo(SigmaBins bins) {
    bins.add(lastBins);
  }

  /** The global norm of the last gradient, before clipping. */
  double lastNorm() {
    return lastNorm;
  }

  /** The trainer's arrays that resuming needs beside the parameters: kind to name to array. */
  Map<String, Map<String, NDArray>> state() {
    Map<String, Map<String, NDArray>> all = new LinkedHashMap<>(optimizer.state());
    if (scaler != null) {
      all.put("scaler", scaler.state());
    }
    return all;
  }
}
