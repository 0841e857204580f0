package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.Lora;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.DiscreteSchedule;
import ai.fresnel.cvs.diffusion.EpsScaling;
import ai.fresnel.cvs.lora.LoraFile;
import ai.fresnel.cvs.lora.LoraModules;
import ai.fresnel.cvs.nn.TinyZero123;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A step of LCM-LoRA on a network of Zero123's shape is diffusers' and peft's. */
@SuppressWarnings("try") // the handle of the gradient mode is only closed
class LatentConsistencyStageTest {

  private static final DiscreteSchedule SCHEDULE = DiscreteSchedule.latentDiffusion();
  private static final LoraModules MODULES = LoraModules.diffusers(new DiffusersNames(4, 4));
  private static final StageConfig.LatentConsistency SETTINGS =
      StageConfig.LatentConsistency.defaults();

  /** Rounding of gradients that are 0: of attention to one token, or at one position. */
  private static final double ROUNDING = 1e-7;

  /** The greatest gradient of the fixture's, whose float32 rounding the smallest show. */
  private static final double GREATEST = 0.27;

  private Zero123Fixture fixture;
  private NDManager manager;
  private TinyZero123 network;
  private Lora lora;
  private Safetensors io;

  @BeforeEach
  void open() throws IOException {
    fixture = new Zero123Fixture();
    manager = fixture.manager();
    network = new TinyZero123(fixture);
    lora =
        LoraFile.attach(
            path("pytorch_lora_weights.safetensors"),
            network,
            MODULES,
            OptionalDouble.of(8),
            manager);
    io = Safetensors.open(path("io.safetensors"));
  }

  @AfterEach
  void close() throws IOException {
    io.close();
    fixture.close();
  }

  private static Path path(String name) {
    return Zero123Fixture.file("lcm-tiny/" + name);
  }

  private NDArray read(String name) throws IOException {
    return io.read(manager, name);
  }

  private LatentProcess process() {
    return LatentProcess.of(SCHEDULE, new EpsScaling(SCHEDULE), StateCodec.identity(), SETTINGS);
  }

  private LatentConsistencyStage stage(LatentProcess process) {
    Teacher teacher =
        Teacher.of(
                network,
                process.scaling(),
                false,
                SETTINGS.guidance().fixed(),
                SETTINGS.nullCondition())
            .without(lora);
    return new LatentConsistencyStage(process, teacher, network, StepEncoder.each(), 0);
  }

  /** The fixture's samples: latents with its noise at its timesteps. */
  private StepInputs inputs(LatentProcess process) throws IOException {
    int[] timesteps = Arrays.stream(read("t").toLongArray()).mapToInt(t -> (int) t).toArray();
    NDArray latents = read("latents");
    NDArray noise = read("noise");
    NDArray x = latents.duplicate();
    for (int n = 0; n < timesteps.length; n++) {
      NDIndex row = new NDIndex(n);
      x.set(row, latents.get(row).add(noise.get(row).mul(SCHEDULE.sigma(timesteps[n]))));
    }
    Conditioning condition =
        Conditioning.none().withState(read("cond")).withTokens(read("context"));
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      return stage(process)
          .inputs(
              manager, x, timesteps, new StepCondition(ViewContext.none(), Optional.of(condition)));
    }
  }

  private static void isClose(String what, NDArray expected, NDArray actual, double tolerance) {
    assertEquals(expected.getShape(), actual.getShape(), what);
    double largest = expected.abs().max().getFloat();
    double difference = expected.sub(actual).abs().max().getFloat();
    assertTrue(
        difference <= tolerance * largest + ROUNDING,
        what + " differs by " + difference + " of " + largest);
  }

  /**
   * Within 1e-4 of the tensor's largest value, or of a tenth of the greatest gradient's. Where the
   * distance is below Huber's threshold of 0.001, a rounding of 1e-7 in the prediction moves its
   * slope by 1e-4: computed in double precision, tensors of small gradients are up to 4e-4 of their
   * largest value from the reference, so far is the reference off.
   */
  private static void isCloseGradient(String name, NDArray expected, NDArray actual) {
    double largest = expected.abs().max().getFloat();
    isClose(name, expected, actual, 1e-3);
    isClose(name, expected, actual, 1e-4 * Math.max(1, GREATEST / 10 / Math.max(largest, 1e-12)));
  }

  @Test
  void lossAndGradientsAreTheReferences() throws IOException {
    LatentProcess process = process();
    StepInputs inputs = inputs(process);
    isClose("target", read("target"), ((Label) inputs.labels().get("consistency")).target(), 2e-5);
    DenoiserBlock student = DenoiserBlock.of(network, process.scaling(), process::consistency);
    NDArray loss;
    try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
      Outputs outputs = student.run(fixture.store(), inputs);
      isClose("pred", read("pred"), outputs.x0().stopGradient(), 2e-5);
      loss = inputs.labels().perSample(outputs).mean();
      collector.backward(loss);
    }
    assertEquals(read("loss").getFloat(), loss.getFloat(), 1e-4 * loss.getFloat());
    Map<String, Product> products = Lora.products(network);
    int compared = 0;
    for (String product : lora.configs().keySet()) {
      List<String> modules = MODULES.of(product, products.get(product));
      for (String end : List.of("A", "B")) {
        String ours = product + (end.equals("A") ? ".lora_down" : ".lora_up");
        NDArray gradient = lora.parameters().get(ours).getArray().getGradient();
        long rows = gradient.getShape().get(0) / modules.size();
        for (int i = 0; i < modules.size(); i++) {
          String name = "grad." + modules.get(i) + ".lora_" + end + ".weight";
          NDArray part = gradient.get(new NDIndex().addSliceDim(i * rows, (i + 1) * rows));
          isCloseGradient(name, read(name), part);
          compared++;
        }
      }
    }
    assertEquals(554, compared);
    // The network's own weights have none.
    Weights.arrays(network).forEach((name, a) -> assertTrue(!a.hasGradient(), name));
  }
}
