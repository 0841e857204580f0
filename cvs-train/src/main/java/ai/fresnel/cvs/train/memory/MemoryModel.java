package ai.fresnel.cvs.train.memory;

import ai.fresnel.cvs.block.LoraConfig;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.LatentCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.NetworkMemory;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.config.OptimizerKind;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.stage.LatentConsistencyPlan;
import ai.fresnel.cvs.view.ViewModel;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The networks of a run as far as their memory goes: sizes without any values. */
public final class MemoryModel {

  /** Pairs that a run's previews draw at once, which must fit too. */
  public static final int PREVIEW_PAIRS = 8;

  private static final long FLOAT32_BYTES = 4;

  /** Images of the batch: source, target, the target as it is diffused. */
  private static final long BATCH_IMAGES = 3;

  /** Of each sample of a part: noise, noisy state, prediction, source, differences, and so on. */
  private static final long PART_IMAGES = 8;

  /** More of these in stage 2: the partner and the target. */
  private static final long STUDENT_IMAGES = 3;

  /** Temporary copies of the largest matrix while Muon turns its momentum into an update. */
  private static final long MUON_COPIES = 6;

  private final ModelConfig model;
  private final ModelConfig teacherModel;
  private final boolean student;
  private final Map<Precision, NetworkMemory> counts = new EnumMap<>(Precision.class);
  private final Size own;
  private final Size teachers;
  private final Optional<LatentCodec> autoencoder;
  private final Map<LoraConfig, Size> adapters = new HashMap<>();

  /** Numbers of a network: all, those in training, those of them that Muon moves, one's most. */
  private record Size(long all, long trained, long hidden, long largest) {

    static final Size NONE = new Size(0, 0, 0, 0);

    static Size of(ViewModel network) {
      long largest =
          Weights.parameters(network).values().stream()
              .mapToLong(parameter -> parameter.getShape().size())
              .max()
              .orElse(0);
      return new Size(
          Weights.count(network),
          Weights.trainableCount(network),
          Weights.hiddenCount(network),
          largest);
    }
  }

  private MemoryModel(ModelConfig model, ModelConfig teacherModel, boolean student) {
    this.model = model;
    this.teacherModel = teacherModel;
    this.student = student;
    ViewModel network = new ViewModel(model);
    own = Size.of(network);
    autoencoder =
        network.codec() instanceof LatentCodec codec ? Optional.of(codec) : Optional.empty();
    teachers = teacherModel == null ? Size.NONE : Size.of(new ViewModel(teacherModel));
  }

  /**
   * Returns the networks of stage 1.
   *
   * @param model the network in training
   * @return its sizes
   */
  public static MemoryModel diffusion(ModelConfig model) {
    return new MemoryModel(model, null, false);
  }

  /**
   * Returns the networks of stage 2.
   *
   * @param student the network in training
   * @param teacher null where there is none
   * @return their sizes
   */
  public static MemoryModel consistency(ModelConfig student, ModelConfig teacher) {
    return new MemoryModel(student, teacher, true);
  }

  ModelConfig model() {
    return model;
  }

  MemoryEstimate estimate(TrainingConfig config) {
    boolean joint = student && config.stage().trainsTeacher();
    boolean progressive = student && config.stage() instanceof StageConfig.Progressive;
    Optional<Size> adapter = adapter(config);
    long weights = FLOAT32_BYTES * (own.all() + adapter.map(Size::trained).orElse(0L));
    long trained =
        adapter.map(Size::trained).orElse(own.trained()) + (joint ? teachers.trained() : 0);
    long matrices =
        adapter.map(Size::hidden).orElse(own.hidden()) + (joint ? teachers.hidden() : 0);
    long moments =
        config.optimization().optimizer() == OptimizerKind.MUON
            ? 2 * trained - matrices
            : 2 * trained;
    boolean target =
        student && config.stage().consistency().filter(s -> s.targetDecay() > 0).isPresent();
    // An adapter has the weights of its teacher, and so has its average: one copy of them.
    // What is never trained is in the average as it is in the network: one copy of it.
    long average = FLOAT32_BYTES * own.trained();
    long averages =
        adapter.isPresent() ? FLOAT32_BYTES * trained : target ? average + weights : average;
    long taught =
        adapter.isPresent() ? 0 : FLOAT32_BYTES * teachers.all() + (progressive ? weights : 0);

    NetworkMemory memory = memory(config.compute().precision());
    int part =
        (config.data().batchSize() + config.compute().accumulation() - 1)
            / config.compute().accumulation();
    int networks = joint ? 2 : 1;
    long kept = memory.kept(part, config.compute().checkpointLevels());
    long numbers = part * (PART_IMAGES * state() + condition());
    if (student) {
      numbers += part * (STUDENT_IMAGES * state() + 2 * condition());
    }
    numbers += config.data().batchSize() * BATCH_IMAGES * image();
    long activations = networks * kept + FLOAT32_BYTES * numbers;

    long backward = memory.peak(part, config.compute().checkpointLevels()) - kept;
    long without = memory.pass(Math.max(part, PREVIEW_PAIRS)) - activations;
    long update =
        switch (config.optimization().optimizer()) {
          case ADAMW -> 0;
          case RADAM -> FLOAT32_BYTES * trained - activations;
          case MUON -> MUON_COPIES * FLOAT32_BYTES * own.largest() - activations;
        };
    return new MemoryEstimate(
        weights,
        FLOAT32_BYTES * trained,
        FLOAT32_BYTES * moments,
        averages,
        taught,
        activations,
        Math.max(Math.max(backward, coding(part) - activations), Math.max(without, update)));
  }

  /** The network with the adapter that is trained in its place; empty where there is none. */
  private Optional<Size> adapter(TrainingConfig config) {
    return config.stage() instanceof StageConfig.LatentConsistency stage
        ? stage.adapter().lora().map(size -> adapters.computeIfAbsent(size, this::adapted))
        : Optional.empty();
  }

  private Size adapted(LoraConfig size) {
    ViewModel network = new ViewModel(model);
    LatentConsistencyPlan.declareAdapter(network, size);
    return Size.of(network);
  }

  private NetworkMemory memory(Precision precision) {
    return counts.computeIfAbsent(precision, p -> new ViewModel(model, p).memory());
  }

  /** Bytes while an autoencoder runs, on so many images at once as it takes. */
  private long coding(int part) {
    if (autoencoder.isEmpty()) {
      return 0;
    }
    int images = Math.min(Math.max(part, PREVIEW_PAIRS), LatentCodec.piece(model.imageSize()));
    return FLOAT32_BYTES * images * autoencoder.get().workingNumbers(model.imageSize());
  }

  private long image() {
    return (long) model.codec().imageChannels() * model.imageSize() * model.imageSize();
  }

  private long state() {
    long side = model.codec().stateSize();
    return model.codec().channels() * side * side;
  }

  /** Numbers of an encoded photograph: folded images, volume, rendered view, tokens. */
  private long condition() {
    long grid = (long) model.gridSize(0) * model.gridSize(0);
    long tokens = (long) model.tokens().count();
    long volume =
        model.hasVolume()
            ? (1L + model.volume().features()) * model.volume().slices()
                + model.volume().features()
                + 2
            : 0;
    return 3 * state() + volume * grid + model.tokens().channels() * tokens;
  }

  @Override
  public String toString() {
    return model.name() + (teacherModel == null ? "" : " with a teacher");
  }
}
