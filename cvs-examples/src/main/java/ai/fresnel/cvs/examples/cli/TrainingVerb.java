package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.Recipes;
import ai.fresnel.cvs.train.RunBuilder;
import ai.fresnel.cvs.train.config.RecipeJson;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.config.TrainingConfigBuilder;
import ai.fresnel.cvs.train.memory.MemoryPlan;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.run.TrainingProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Common options of the verbs that train: data, recipe, length and folder of the run. */
abstract class TrainingVerb extends Verb {

  private static final long MAX_JSON_BYTES = 1 << 20;
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,5}(?:\\.[0-9]{1,3})?)([gGmM])");

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "A view set, such as `cvs render` writes.")
  Path data;

  @Option(
      names = "--meshes",
      paramLabel = "PATH",
      description =
          "Meshes of the objects of the view set: render new views for each sample, "
              + "varied by the recipe's meshStretch, meshHue and textureSwap.")
  Path meshes;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description =
          "A JSON object with the settings that differ from the defaults, "
              + "or, in distill, the name of a recipe: cd, ct, ect, lcm, progressive or sketch.")
  Path recipe;

  @Option(
      names = {"--max-samples", "--max-images"},
      paramLabel = "N",
      description = "Samples of the whole run (default: the recipe's).")
  Long maxSamples;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description =
          "Precision of the networks: float32, bfloat16 or float16 "
              + "(default: the recipe's, or the fastest on this machine).")
  String precision;

  /** The names of the settings that the recipe or the command line gives. */
  private final Set<String> given = new HashSet<>();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          "Memory of the device, such as 16g. Chooses accumulation, checkpointLevels and precision "
              + "to fit, unless the recipe or --precision gives them, and shows the plan.")
  String memory;

  @Option(names = "--plan", description = "Show the plan for --memory and do not train.")
  boolean planOnly;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "RUN",
      description = "The folder of the run; resumes a run that is there.")
  Path output;

  /** Returns the first device, which all work except the training steps uses. */
  @Override
  protected Device device() {
    return devices()[0];
  }

  /** Returns the default settings, replaced by those of the recipe and of the command line. */
  TrainingConfig config(TrainingConfig defaults) throws IOException {
    require(memory != null || !planOnly, "--plan is for --memory SIZE");
    TrainingConfig config =
        defaults.toBuilder()
            .compute(c -> c.withPrecision(TorchRuntime.fastestPrecision(device())))
            .build();
    if (recipe != null && named() && !Files.exists(recipe)) {
      config = Recipes.named(recipe.toString(), config);
    } else if (recipe != null) {
      String text = json(recipe);
      config = RecipeJson.fromJson(text, recipe.toString(), config);
      given.addAll(RecipeJson.names(text, recipe.toString()));
    }
    TrainingConfigBuilder builder = config.toBuilder();
    if (spec.commandLine().getParseResult().hasMatchedOption("--seed")) {
      builder.run(r -> r.withSeed(seed));
    }
    if (precision != null) {
      given.add("precision");
      Precision wanted =
          Arrays.stream(Precision.values())
              .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(precision))
              .findFirst()
              .orElseThrow(
                  () ->
                      usage(
                          "--precision is "
                              + precision
                              + ", expected float32, bfloat16 or float16"));
      builder.compute(c -> c.withPrecision(wanted));
    }
    if (maxSamples != null) {
      require(maxSamples >= 1, "--max-samples is " + maxSamples + ", expected 1 or more");
      builder.run(r -> r.withMaxSamples(maxSamples));
    }
    return builder.build();
  }

  /** Returns a network's configuration by its name or from a file; tiny64 without a name. */
  ModelConfig preset(String name) throws IOException {
    if (name != null && Files.isRegularFile(Path.of(name))) {
      return ModelConfig.fromJson(json(Path.of(name)), name);
    }
    try {
      return ModelConfig.preset(name == null ? "tiny64" : name);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage() + ", or a file with a configuration");
    }
  }

  private String json(Path file) throws IOException {
    if (Files.size(requireExists(file)) > MAX_JSON_BYTES) {
      throw new IOException(file + " is larger than settings can be (1 MiB)");
    }
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  /** Says whether the recipe is a named one; only stage 2 has those. */
  private boolean named() {
    return this instanceof DistillVerb && Recipes.NAMES.contains(recipe.toString());
  }

  /** Returns the bytes of {@code --memory}. */
  private long budget() {
    Matcher size = SIZE.matcher(memory);
    require(
        size.matches(),
        "--memory is " + memory + ", expected a size as 16g or 900m, at most 99999g");
    double number = Double.parseDouble(size.group(1));
    int shift = size.group(2).equalsIgnoreCase("g") ? 30 : 20;
    return (long) (number * (1L << shift));
  }

  /** Sets the common options of a run. */
  <B extends RunBuilder<B>> B with(
      B builder, TrainingConfig config, Consumer<TrainingProgress> progress) throws IOException {
    if (meshes != null) {
      builder.optMeshes(MeshFiles.list(requireExists(meshes)));
    }
    if (memory != null) {
      given.retainAll(MemoryPlan.SETTINGS);
      builder.optMemory(budget(), given);
    }
    return builder
        .setData(data)
        .setRun(output)
        .optConfig(config)
        .optDevices(devices())
        .optProgress(progress);
  }

  /** Trains and reports progress. */
  interface Training {
    long run(Consumer<TrainingProgress> progress) throws IOException;
  }

  /** Plans how the run fits into {@code --memory}. */
  interface Planning {
    MemoryPlan plan() throws IOException;
  }

  int train(String task, TrainingConfig config, Planning planning, Training training)
      throws IOException {
    if (memory != null) {
      out().print(planning.plan());
      out().flush();
    }
    if (planOnly) {
      return 0;
    }
    long samples;
    try (Progress progress = Progress.start(err(), task, "samples", config.run().maxSamples())) {
      boolean[] resumed = {false};
      samples =
          training.run(
              now -> {
                if (!resumed[0]) {
                  progress.resumeAt(now.samples());
                  resumed[0] = true;
                }
                progress.update(
                    now.samples(),
                    String.format(
                        Locale.ROOT, "loss %.4f, %.1f/s now", now.loss(), now.samplesPerSecond()));
              });
    }
    out().println(samples + " samples seen, " + config.run().maxSamples() + " in all");
    out().println("model folder: " + output.resolve("snapshots").resolve("latest"));
    out().println("best by validation: " + output.resolve("snapshots").resolve("best"));
    out().println("previews: " + output.resolve("previews"));
    out().println("curves: " + output.resolve("curves.png"));
    return 0;
  }
}
