package ai.fresnel.cvs.train.run;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.optim.EmaListener;
import ai.fresnel.cvs.train.optim.EmaWeights;
import ai.fresnel.cvs.train.optim.TensorLists;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.StagePlan;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All that a run trains with, in memory: networks, stage and trainer, on each of its devices. */
final class TrainingSetup implements AutoCloseable {

  private final NDManager manager;
  private final Model djl;
  private final List<Replica> replicas = new ArrayList<>();
  private final ViewModel network;
  private final ViewModel average;
  private final TrainingState state;
  private final Position position = new Position();
  private final Stage stage;
  private final StageTrainer trainer;

  /**
   * @param model what to train
   * @param config how
   * @param plan the stage
   * @param devices where; the first makes the updates, every other holds a {@link Replica}
   * @throws IllegalArgumentException if the stage cannot be shared among so many
   */
  TrainingSetup(ModelConfig model, TrainingConfig config, StagePlan plan, List<Device> devices)
      throws IOException {
    this(model, config, plan, devices, ObservedSteps.none());
  }

  /**
   * @param model what to train
   * @param config how
   * @param plan the stage
   * @param devices as above
   * @param observed shows the steps to the caller's listeners
   * @throws IllegalArgumentException as above
   */
  TrainingSetup(
      ModelConfig model,
      TrainingConfig config,
      StagePlan plan,
      List<Device> devices,
      ObservedSteps observed)
      throws IOException {
    requireShared(config, devices.size());
    manager = TorchRuntime.newManager(devices.get(0));
    djl = Model.newInstance(model.name(), devices.get(0), "PyTorch");
    try {
      network = plan.create(model, config.compute().precision());
      plan.initialize(network, manager, config.run().seed());
      observed.decodeBy(devices.get(0), network.codec());
      average = plan.create(model, config.compute().precision());
      // What is never trained needs no average.
      Weights.shareFrozen(network, average);
      Weights.initialize(average, manager, config.run().seed());
      EmaWeights ema = new EmaWeights(network, average);
      state =
          new TrainingState()
              .with("weights", Weights.trainable(network))
              .with("ema", Weights.trainable(average));
      djl.setBlock(plan.block(network, model));
      List<TrainingListener> listeners = new ArrayList<>();
      listeners.add(new EmaListener(ema, config.averaging().emaDecay(), position::steps));
      stage = plan.stage(network, model, manager, new RunHost(state, listeners::add));
      for (Device device : devices.subList(1, devices.size())) {
        replicas.add(replica(network, config, plan, TorchRuntime.newManager(device), observed));
      }
      trainer = new StageTrainer(djl, config, position, replicas, listeners, observed);
      trainer.state().forEach(state::with);
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  private static void requireShared(TrainingConfig config, int devices) {
    double adversarial =
        config.stage().consistency().map(student -> student.losses().adversarial()).orElse(0.0);
    if (devices > 1 && adversarial > 0) {
      throw new IllegalArgumentException(
          "adversarial is "
              + adversarial
              + ", expected 0 on several devices: there is one discriminator");
    }
    int parts = devices * config.compute().accumulation();
    if (!config.splits(parts)) {
      throw new IllegalArgumentException(
          "batchSize is "
              + config.data().batchSize()
              + ", expected a multiple of "
              + config.stage().targets() * parts
              + " on "
              + devices
              + " devices: the targets of a source (multiView, volumeTargets) stay together");
    }
  }

  private Replica replica(
      ViewModel network,
      TrainingConfig config,
      StagePlan plan,
      NDManager there,
      ObservedSteps observed) {
    ModelConfig model = network.config();
    ViewModel copy = plan.create(model, config.compute().precision());
    Weights.initialize(copy, there, config.run().seed());
    // Later steps copy what is trained; an encoder used as it was published is copied here alone.
    TensorLists.copy(network, copy);
    observed.decodeBy(there.getDevice(), copy.codec());
    StagePlan own = plan.on(there);
    TrainingState moving = new TrainingState().with("weights", Weights.trainable(copy));
    Stage its = own.stage(copy, model, there, new RunHost(moving, listener -> {}));
    return new Replica(new Worker(there, own.block(copy, model), its), moving, state);
  }

  /** Owns the arrays on the first device. */
  NDManager manager() {
    return manager;
  }

  /** The network in training. */
  ViewModel network() {
    return network;
  }

  /** The network of the averaged weights. */
  ViewModel average() {
    return average;
  }

  /** All that resuming needs. */
  TrainingState state() {
    return state;
  }

  /** Where the run stands. */
  Position position() {
    return position;
  }

  Stage stage() {
    return stage;
  }

  StageTrainer trainer() {
    return trainer;
  }

  @Override
  public void close() {
    if (trainer != null) {
      trainer.close();
    }
    replicas.forEach(Replica::close);
    djl.close();
    manager.close();
  }
}
