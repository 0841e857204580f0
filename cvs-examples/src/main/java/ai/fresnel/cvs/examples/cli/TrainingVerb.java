package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.RunBuilder;
import ai.fresnel.cvs.train.config.RecipeJson;
import ai.fresnel.cvs.train.config.Recipes;
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

/** What both stages' verbs have in common: data, recipe, length, where the run is kept. */
abstract class TrainingVerb extends Verb {

  private static final long MAX_JSON_BYTES = 1 << 20;
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,5}(?:\\.[0-9]{1,3})?)([gGmM])");

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "A view set, as `cvs render` writes them.")
  Path data;

  @Option(
      names = "--meshes",
      paramLabel = "PATH",
      description = {
        "Meshes of the view set's objects: their views are rendered anew for each sample,",
        "and the recipe's meshStretch, meshHue and textureSwap vary them."
      })
  Path meshes;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = {
        "A JSON object of settings that shall differ from the default,",
        "or, in distill, the name of a recipe: cd, ct, ect, progressive or sketch."
      })
  Path recipe;

  @Option(
      names = {"--max-samples", "--max-images"},
      paramLabel = "N",
      description = "Samples of the whole run (default: the recipe's).")
  Long maxSamples;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = {
        "What the networks compute in: float32, bfloat16 or float16",
        "(default: the recipe's, else the faster on this machine)."
      })
  String precision;

  /** Settings of the recipe's or the command line's. */
  private final Set<String> given = new HashSet<>();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = {
        "Memory of the device, as 16g: accumulation, checkpointLevels and precision are chosen to",
        "fit, where neither the recipe nor --precision gives them, and the plan is shown."
      })
  String memory;

  @Option(names = "--plan", description = "Show the plan for --memory and do not train.")
  boolean planOnly;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "RUN",
      description = "The run's folder; a run that is there already goes on.")
  Path output;

  /** The first of the devices, which all but training's steps use. */
  @Override
  protected Device device() {
    return devices()[0];
  }

  /** The stage's default settings with the recipe's and the command line's over them. */
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

  /** A network by its name or by a file of its configuration, tiny64 where there is none. */
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

  /** Whether the recipe is one that has a name: those are of stage 2. */
  private boolean named() {
    return this instanceof DistillVerb && Recipes.NAMES.contains(recipe.toString());
  }

  /** What {@code --memory} gives, in bytes. */
  private long budget() {
    Matcher size = SIZE.matcher(memory);
    require(
        size.matches(),
        "--memory is " + memory + ", expected a size as 16g or 900m, at most 99999g");
    double number = Double.parseDouble(size.group(1));
    int shift = size.group(2).equalsIgnoreCase("g") ? 30 : 20;
    return (long) (number * (1L << shift));
  }

  /** Gives a run what both stages take from the command line. */
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

  /** Trains, showing how far the run is. */
  interface Training {
    long run(Consumer<TrainingProgress> progress) throws IOException;
  }

  /** Says how the run fits into {@code --memory}. */
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
