package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Lora;
import ai.fresnel.cvs.block.LoraConfig;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.TimestepSpacing;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.optim.TensorLists;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Stage 2 of a latent model. A student that is an adapter shares the weights of its teacher: there
 * is one copy of them, whatever is trained and averaged.
 */
public final class LatentConsistencyPlan implements StagePlan {

  /** Numbers of passes that a student is given sigmas for. */
  private static final int MAX_PASSES = 8;

  private final TrainingConfig settings;
  private final StageConfig.LatentConsistency config;
  private final ViewModel teacher;

  /**
   * Makes the plan.
   *
   * @param settings the run's settings, of a {@link StageConfig.LatentConsistency}
   * @param teacher the network that teaches, initialised and frozen
   */
  public LatentConsistencyPlan(TrainingConfig settings, ViewModel teacher) {
    this.settings = settings;
    this.config = (StageConfig.LatentConsistency) settings.stage();
    this.teacher = teacher;
  }

  /**
   * Returns the configuration of a student. It is drawn from in 1 to 8 passes, at evenly spaced
   * timesteps of its solver, as LCM's scheduler does.
   *
   * @param model its teacher's configuration
   * @param config the stage
   * @return the configuration
   * @throws IllegalArgumentException if the teacher diffuses no latents
   */
  public static ModelConfig student(ModelConfig model, StageConfig.LatentConsistency config) {
    if (model.codec().autoencoder().isEmpty()) {
      throw new IllegalArgumentException(
          "stage is latentConsistency, expected consistency or progressive for "
              + model.name()
              + ", which has no autoencoder");
    }
    LatentProcess.Timesteps timesteps = LatentProcess.Timesteps.of(model);
    int[] solver =
        new TimestepSpacing.Trailing().timesteps(timesteps.count(), config.solverSteps());
    Map<Integer, List<Double>> sigmas = new TreeMap<>();
    for (int passes = 1; passes <= Math.min(MAX_PASSES, solver.length); passes++) {
      List<Double> chosen = new ArrayList<>();
      for (int i = 0; i < passes; i++) {
        double sigma = timesteps.sigma(solver[i * solver.length / passes]);
        chosen.add(i == 0 ? model.noise().sigmaMax() : sigma);
      }
      sigmas.put(passes, chosen);
    }
    return model.toBuilder()
        .kind(ModelConfig.Kind.CONSISTENCY)
        .sampling(s -> s.withFewStepSigmas(sigmas))
        .build();
  }

  @Override
  public ViewModel create(ModelConfig model, Precision precision) {
    ViewModel made = new ViewModel(model, precision);
    Optional<LoraConfig> size = config.adapter().lora();
    if (size.isPresent()) {
      declareAdapter(made, size.get());
      Weights.share(teacher, made);
    } else {
      made.keepEncoders();
    }
    return made;
  }

  /**
   * Attaches an adapter without values to the U-Net of a network: to all products between its
   * hidden states.
   *
   * @param network the network, without values
   * @param size the size of every delta
   */
  public static void declareAdapter(ViewModel network, LoraConfig size) {
    Lora.declare(
        network,
        (path, hidden) ->
            hidden && path.startsWith("unet.") ? Optional.of(size) : Optional.empty());
  }

  @Override
  public StateCodec codec(ModelConfig model, NDManager manager) {
    return teacher.codec();
  }

  @Override
  public StagePlan on(NDManager manager) {
    throw new IllegalArgumentException(
        "stage is latentConsistency, expected one device: it has one copy of its teacher");
  }

  @Override
  public TrainedBlock block(ViewModel network, ModelConfig model) {
    LatentProcess process = process(model);
    return DenoiserBlock.of(network, process.scaling(), process::consistency);
  }

  @Override
  public void initialize(ViewModel network, NDManager manager, long seed) {
    Weights.initialize(network, manager, seed);
    if (config.adapter().lora().isEmpty()) {
      TensorLists.copy(teacher, network);
    }
  }

  @Override
  public Stage stage(ViewModel network, ModelConfig model, NDManager manager, StageHost host) {
    LatentProcess process = process(model);
    Optional<Lora> adapter = Lora.of(network);
    // Without a copy: the adapter's network is the teacher where it is off.
    ViewModel teaching = adapter.isPresent() ? network : teacher;
    Teacher guided =
        Teacher.of(
            teaching, process.scaling(), false, config.guidance().fixed(), config.nullCondition());
    return new LatentConsistencyStage(
        process,
        adapter.map(guided::without).orElse(guided),
        network,
        StepEncoder.shared(teacher),
        settings.data().conditionDropout());
  }

  private LatentProcess process(ModelConfig model) {
    return LatentProcess.of(model, teacher.codec(), config);
  }

  @Override
  public Optional<ViewSampler> teacherSampler() {
    return Optional.of(
        ViewSampler.of(teacher, teacher.config()).withGuidance(config.guidance().fixed()));
  }
}
