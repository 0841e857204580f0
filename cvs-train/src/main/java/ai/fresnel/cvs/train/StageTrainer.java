package ai.fresnel.cvs.train;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.train.loss.SampleLoss;
import ai.fresnel.cvs.train.monitor.NoiseBins;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * DJL's trainer with whole-model updates: its own {@code step()} moves every parameter in one call
 * and zeroes the gradients, where DJL's would go parameter by parameter through a parameter server
 * that cannot be replaced.
 */
final class StageTrainer extends Trainer {

  private final TrainingConfig config;
  private final ModelOptimizer optimizer;
  private final Position position;
  private long lastBatch;
  private double lastLoss = Double.NaN;
  private NoiseBins lastLevels = new NoiseBins();
  private boolean updated = true;
  private double lastNorm = Double.NaN;

  /**
   * @param model holds the {@link DenoiserBlock} or {@link JointBlock} to train, initialised
   * @param djlConfig the loss, the device and the listeners
   * @param config the settings
   * @param position where the run stands; moved on by each step
   */
  StageTrainer(
      Model model,
      ai.djl.training.TrainingConfig djlConfig,
      TrainingConfig config,
      Position position) {
    super(model, djlConfig);
    this.config = config;
    this.position = position;
    Map<String, NDArray> parameters = Weights.trainable(model.getBlock());
    optimizer =
        switch (config.optimizer()) {
          case ADAMW -> new AdamW(getManager(), parameters, config);
          case RADAM -> new RAdam(getManager(), parameters, config);
          case MUON ->
              new Muon(getManager(), parameters, Weights.hidden(model.getBlock()).keySet(), config);
        };
  }

  /**
   * Adds the gradient of a part of a step's batch to those before it.
   *
   * @param share the part's share of the batch's samples
   */
  void accumulate(StepInputs inputs, double share) {
    if (updated) {
      updated = false;
      lastBatch = 0;
      lastLoss = 0;
      lastLevels = new NoiseBins();
    }
    try (NDManager manager = getManager().newSubManager()) {
      try (GradientCollector collector = newGradientCollector()) {
        NDList predictions = forward(inputs.data(), inputs.labels());
        NDArray loss = loss(manager, inputs, predictions);
        if (share != 1) {
          manager.attachAll(loss);
          loss = loss.mul((float) share);
        }
        manager.attachAll(loss);
        manager.attachAll(predictions.toArray(new NDArray[0]));
        collector.backward(loss);
        lastLoss += loss.getFloat();
      }
    }
    lastBatch += inputs.labels().get(0).getShape().get(0);
  }

  /** Moves the parameters along what has accumulated and tells the listeners. */
  void update() {
    updated = true;
    position.advance(lastBatch);
    step();
    TrainingListener.BatchData data =
        new TrainingListener.BatchData(
            (Batch) null, new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    notifyListeners(listener -> listener.onTrainingBatch(this, data));
  }

  /** The mean is taken of the samples' losses, so that telling these costs nothing. */
  private NDArray loss(NDManager manager, StepInputs inputs, NDList predictions) {
    if (!(getLoss() instanceof SampleLoss loss)) {
      return getLoss().evaluate(inputs.labels(), predictions);
    }
    NDArray losses = loss.perSample(inputs.labels(), predictions);
    manager.attachAll(losses);
    lastLevels.add(inputs.data().get(1).toFloatArray(), losses.toFloatArray());
    return losses.mean();
  }

  @Override
  public void step() {
    lastNorm = optimizer.step(position.steps(), rate());
  }

  /** The learning rate at this point of the run. */
  double rate() {
    return config.rateSchedule().rate(position.images()) * position.rateShare();
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
  long images() {
    return position.images();
  }

  /** Samples of the last batch. */
  long lastBatch() {
    return lastBatch;
  }

  /** The loss of the last batch. */
  double lastLoss() {
    return lastLoss;
  }

  /** Adds the last batch's samples to bins of noise levels, if its loss can tell them apart. */
  void addTo(NoiseBins bins) {
    bins.add(lastLevels);
  }

  /** The global norm of the last gradient, before clipping. */
  double lastNorm() {
    return lastNorm;
  }

  ModelOptimizer optimizer() {
    return optimizer;
  }
}
