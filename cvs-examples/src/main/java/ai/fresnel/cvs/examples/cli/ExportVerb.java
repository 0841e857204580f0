package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs export}: copies a model folder with weights of another type. */
@Command(
    name = "export",
    description = {
      "Copy a model folder with weights of another type, to ship it.",
      "A model with float16 weights is half the size and still computes in float32."
    })
final class ExportVerb extends Verb {

  /** The types of stored weights. */
  enum Type {
    FLOAT32(DataType.FLOAT32),
    FLOAT16(DataType.FLOAT16);

    final DataType dataType;

    Type(DataType dataType) {
      this.dataType = dataType;
    }
  }

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model folder.")
  Path model;

  @Option(
      names = "--as",
      paramLabel = "TYPE",
      description = "float16 or float32 (default ${DEFAULT-VALUE}).")
  Type type = Type.FLOAT16;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "Factor of the first noise of a consistency model, 0 to 1 (default: the model's). "
              + "Below 1, samples are smoother and differ less.")
  Double temperature;

  @Option(
      names = "--one-pass",
      description =
          "Write a diffusion model whose recipe trained one pass (onePass) as a consistency model "
              + "of temperature 0, which draws in 1 to 4 passes.")
  boolean onePass;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The model folder to write.")
  Path output;

  @Override
  public Integer call() throws IOException {
    require(
        temperature == null || (temperature >= 0 && temperature <= 1),
        "--temperature is " + temperature + ", expected 0 to 1");
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        ModelFolder folder = ModelFolder.open(requireExists(model))) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      for (Map.Entry<String, NDArray> weight :
          Weights.arrays(ViewModel.load(folder, manager)).entrySet()) {
        NDArray stored = weight.getValue().toType(type.dataType, false);
        if (type == Type.FLOAT16 && !Weights.isFinite(stored)) {
          throw new IOException(model + ": " + weight.getKey() + " does not fit float16");
        }
        arrays.put(weight.getKey(), stored);
      }
      ModelConfig config = onePass ? inOnePass(folder) : folder.config();
      if (temperature != null) {
        config = config.toBuilder().sampling(s -> s.withTemperature(temperature)).build();
      }
      ModelFolder.write(output, config, arrays, folder.provenance());
    }
    out().println(output);
    return 0;
  }

  private static ModelConfig inOnePass(ModelFolder folder) throws IOException {
    Optional<JsonValue> share =
        Optional.of(Json.parse(folder.provenance().recipe(), folder.path() + ": recipe"))
            .flatMap(recipe -> recipe.find("training"))
            .flatMap(training -> training.find("stage"))
            .flatMap(stage -> stage.find("onePass"));
    if (share.isEmpty() || share.get().number() == 0) {
      throw new IOException(
          folder.path()
              + " was not trained to draw in one pass, expected a recipe with onePass above 0, or a"
              + " distilled model without --one-pass");
    }
    return folder.config().toBuilder()
        .kind(ModelConfig.Kind.CONSISTENCY)
        .sampling(s -> s.withTemperature(0))
        .build();
  }
}
