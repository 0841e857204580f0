package ai.fresnel.cvs.examples.bench;

import ai.djl.Device;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.RecipeJson;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.TrainingBench;
import ai.fresnel.cvs.view.ViewModel;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs bench train}: measures training steps with random weights and images. */
@Command(
    name = "train",
    description = "Time training steps and measure their memory, with random weights and images.",
    footer = {
      "",
      "Several combinations run one after another, each in its own process. On the CPU, memory is",
      "the peak resident memory of that process (Linux only); on a GPU, the used memory of the",
      "GPU after the steps, by all processes."
    })
final class BenchTrainVerb extends NetworkBenchVerb {

  /** The name of the stage in a combination; all other names are settings of a recipe. */
  private static final String STAGE = "stage";

  /** Matches the commas between values, not those of a list in brackets. */
  private static final Pattern BETWEEN = Pattern.compile(",(?![^\\[]*])");

  @Option(
      names = "--stage",
      split = ",",
      paramLabel = "N",
      description = "1: teacher, 2: student (default ${DEFAULT-VALUE}).")
  int[] stages = {1, 2};

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples a step (default ${DEFAULT-VALUE}).")
  int batch = 1;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps to take the median of, after one warm-up step (default 5).")
  int steps = 5;

  @Option(
      names = "--vary",
      paramLabel = "SETTING=V",
      description =
          "Values of a recipe's setting to compare, such as accumulation=1,4 or "
              + "checkpointLevels=[],[0,1]; may be repeated "
              + "(default: precision=float32, and bfloat16 where it is faster).")
  Map<String, String> varied = new TreeMap<>();

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the results to a file.")
  Path json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Before timing stage 1, write the model and the inputs and output of a step, "
              + "to compare with another program.")
  Path output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    model();
    require(batch >= 1 && batch <= 65536, "--batch is " + batch + ", expected 1 to 65536");
    require(steps >= 1 && steps <= 10_000, "--steps is " + steps + ", expected 1 to 10000");
    setThreads();
    List<Map<String, String>> combinations = combinations();
    // Check all of them before the first is timed.
    for (Map<String, String> combination : combinations) {
      config(combination);
    }
    if (output != null) {
      require(
          combinations.size() == 1 && combinations.get(0).get(STAGE).equals("1"),
          "--out is for one combination of stage 1");
    }
    JsonArray results = new JsonArray();
    List<String> names = List.copyOf(combinations.get(0).keySet());
    StringBuilder head = new StringBuilder();
    names.forEach(name -> head.append(String.format(Locale.ROOT, "%-14s", name)));
    line("%s  s a step  images/s  peak MB", head);
    for (Map<String, String> combination : combinations) {
      JsonObject result =
          combinations.size() == 1 ? measure(combination) : measureApart(combination);
      StringBuilder row = new StringBuilder();
      combination.values().forEach(v -> row.append(String.format(Locale.ROOT, "%-14s", v)));
      if (result.has("failed")) {
        line("%s  %s", row, result.get("failed").getAsString());
      } else {
        line(
            "%s  %8.3f  %8.2f  %7s",
            row,
            result.get("seconds").getAsDouble(),
            result.get("images_per_second").getAsDouble(),
            result.has("peak_bytes")
                ? String.format("%.0f", result.get("peak_bytes").getAsLong() / MEGABYTE)
                : "-");
      }
      results.add(result);
    }
    if (json != null) {
      AtomicFiles.write(json, Json.compact(results) + "\n");
    }
    for (JsonElement result : results) {
      if (result.getAsJsonObject().has("failed")) {
        return 1;
      }
    }
    return 0;
  }

  /** Returns each stage with each choice of values. */
  private List<Map<String, String>> combinations() {
    Map<String, String> choices = new LinkedHashMap<>();
    StringBuilder all = new StringBuilder();
    for (int stage : stages) {
      require(stage == 1 || stage == 2, "--stage is " + stage + ", expected 1 or 2");
      all.append(all.length() == 0 ? "" : ",").append(stage);
    }
    choices.put(STAGE, all.toString());
    if (!varied.containsKey("precision")) {
      Precision fastest = TorchRuntime.fastestPrecision(device());
      String narrow = fastest.toString().toLowerCase(Locale.ROOT);
      choices.put("precision", fastest == Precision.FLOAT32 ? "float32" : "float32," + narrow);
    }
    choices.putAll(varied);
    List<Map<String, String>> found = List.of(Map.of());
    for (Map.Entry<String, String> choice : choices.entrySet()) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> before : found) {
        for (String value : BETWEEN.split(choice.getValue(), -1)) {
          Map<String, String> one = new LinkedHashMap<>(before);
          one.put(choice.getKey(), value);
          longer.add(one);
        }
      }
      found = longer;
    }
    return found;
  }

  /**
   * Returns the settings of the stage with those of a combination; an error in them is bad usage.
   */
  private TrainingConfig config(Map<String, String> combination) {
    TrainingConfig stage =
        combination.get(STAGE).equals("1")
            ? TrainingConfig.diffusion()
            : TrainingConfig.consistency();
    TrainingConfig defaults =
        stage.toBuilder()
            .run(r -> r.withSeed(seed))
            .data(d -> d.withBatchSize(batch))
            .run(r -> r.withMaxSamples(Integer.MAX_VALUE))
            .build();
    JsonObject settings = new JsonObject();
    combination.forEach(
        (name, value) -> {
          if (!name.equals(STAGE)) {
            settings.add(name, parsed(value));
          }
        });
    try {
      TrainingConfig config = RecipeJson.fromJson(settings.toString(), "--vary", defaults);
      require(
          !combination.get(STAGE).equals("2") || !config.student().needsLpips(),
          "--vary: LPIPS is not timed");
      return config;
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  /** Reads a value as JSON, or else as a word, which needs no quotes on the command line. */
  private static JsonElement parsed(String value) {
    try {
      return Json.parse(value, "--vary").json();
    } catch (JsonException e) {
      return new JsonPrimitive(value);
    }
  }

  private JsonObject measure(Map<String, String> combination) throws IOException {
    TrainingConfig config = config(combination);
    List<Device> devices = List.of(devices());
    ModelConfig model = model();
    double[] seconds = new double[steps];
    try (TrainingBench bench =
        combination.get(STAGE).equals("1")
            ? TrainingBench.diffusion(model, config, devices)
            : TrainingBench.consistency(model, config, devices)) {
      if (output != null) {
        bench.writeExample(output);
      }
      for (int i = -1; i < steps; i++) {
        long start = System.nanoTime();
        bench.step();
        if (i >= 0) {
          seconds[i] = (System.nanoTime() - start) / 1e9;
        }
      }
    }
    double step = median(seconds);
    JsonObject result = result(combination);
    result.addProperty("seconds", step);
    result.addProperty("images_per_second", batch / step);
    long peak =
        devices.get(0).isGpu()
            ? TorchRuntime.memory(devices.get(0))
                .map(MemoryUsage::getUsed)
                .orElse(ResidentMemory.UNKNOWN)
            : ResidentMemory.peak();
    if (peak != ResidentMemory.UNKNOWN) {
      result.addProperty("peak_bytes", peak);
    }
    ViewModel network = new ViewModel(model);
    result.addProperty("parameters", Weights.count(network));
    result.addProperty("gflop_pass", NetworkReport.pass(network.multiplyAdds()));
    result.addProperty("threads", TorchRuntime.threads());
    return result;
  }

  private JsonObject result(Map<String, String> combination) {
    JsonObject result = new JsonObject();
    result.addProperty("preset", preset);
    result.addProperty(
        "optimizer",
        config(combination).optimization().optimizer().toString().toLowerCase(Locale.ROOT));
    combination.forEach((name, value) -> result.add(name, parsed(value)));
    result.addProperty("batch", batch);
    result.addProperty("steps", steps);
    result.addProperty("device", device == null ? "default" : device);
    result.addProperty("commit", System.getProperty("cvs.commit", "unknown"));
    return result;
  }

  /** Measures in a child process, since memory already taken would raise the next peak. */
  private JsonObject measureApart(Map<String, String> combination)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile("cvs-bench", ".json");
    try {
      List<String> args = new ArrayList<>(List.of("bench", "train", "--preset", preset));
      args.addAll(List.of("--batch", "" + batch, "--steps", "" + steps, "--seed", "" + seed));
      args.addAll(List.of("--json", file.toString()));
      combination.forEach(
          (name, value) ->
              args.addAll(
                  name.equals(STAGE)
                      ? List.of("--stage", value)
                      : List.of("--vary", name + "=" + value)));
      if (device != null) {
        args.addAll(List.of("--device", device));
      }
      if (threads != null) {
        args.addAll(List.of("--threads", "" + threads));
      }
      int status = ChildProcess.run(spec.root().userObject().getClass(), args);
      if (status == 0) {
        return Json.parse(Files.readString(file), file.toString()).items().get(0).object();
      }
      JsonObject failed = result(combination);
      failed.addProperty("failed", "failed with status " + status);
      return failed;
    } finally {
      Files.delete(file);
    }
  }
}
