package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.eval.CarriedView;
import ai.fresnel.cvs.train.eval.CopyInput;
import ai.fresnel.cvs.train.eval.Evaluation;
import ai.fresnel.cvs.train.eval.EvaluationBuilder;
import ai.fresnel.cvs.train.eval.EvaluationPairs;
import ai.fresnel.cvs.train.eval.EvaluationResult;
import ai.fresnel.cvs.train.eval.MeanTrainingImage;
import ai.fresnel.cvs.train.eval.MetricSummary;
import ai.fresnel.cvs.train.eval.NearestTrainingView;
import ai.fresnel.cvs.train.eval.OrbitEvaluation;
import ai.fresnel.cvs.train.eval.SampledModel;
import ai.fresnel.cvs.train.eval.TrainingViews;
import ai.fresnel.cvs.train.eval.ViewPredictor;
import ai.fresnel.cvs.train.eval.VolumeView;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs evaluate}: measures a model on unseen objects, beside baselines and its teacher. */
@Command(
    name = "evaluate",
    description = {
      "Measure a model's views of unseen objects against the truth, baselines and its teacher.",
      "Writes F.json, F.md (tables) and F.png (contact sheet)."
    },
    footer = {
      "",
      "Example: cvs evaluate --model R2/snapshots/latest --teacher R1/snapshots/latest --data D"
          + " --out evaluation.json"
    })
final class EvaluateVerb extends Verb {

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model folder.")
  Path model;

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "The view set.")
  Path data;

  @Option(
      names = "--teacher",
      paramLabel = "DIR",
      description = "The diffusion model that the model was distilled from.")
  Path teacher;

  @Option(
      names = "--teacher-guidance",
      paramLabel = "W",
      description =
          "Guidance weight of the teacher; give the weight used for distillation (default: an"
              + " imported model's own, which is 2 for Zero123 and 3 on diffusers' scale; else 0).")
  Double teacherGuidance;

  @Option(
      names = "--orbits",
      paramLabel = "N",
      description =
          "Also measure the flicker of orbits around the first N objects of the split "
              + "that have a mesh in --meshes.")
  int orbits;

  @Option(
      names = "--meshes",
      paramLabel = "PATH",
      description = "The meshes that the view set was rendered from, for --orbits.")
  Path meshes;

  @Option(
      names = "--steps",
      split = ",",
      paramLabel = "N",
      description = "Numbers of network passes (default: 1,2,4, or 35 for a diffusion model).")
  List<Integer> steps;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Samples in a mean (default 16); 1 for no means.")
  Integer seeds;

  @Option(
      names = "--quick",
      description =
          "A first look: at most 64 pairs, one sample of each, one pass (--max-pairs 64 --seeds 1"
              + " --steps 1, unless given).")
  boolean quick;

  @Option(
      names = "--sheet",
      paramLabel = "N",
      description = "Objects on the contact sheet (default ${DEFAULT-VALUE}).")
  int sheetRows = 16;

  @Option(
      names = "--pairs-per-object",
      paramLabel = "N",
      description = "Pairs of views of each object (default ${DEFAULT-VALUE}).")
  int pairsPerObject = 2;

  @Option(
      names = "--max-pairs",
      paramLabel = "N",
      description = "Most pairs, spread over the objects (default: all).")
  Integer maxPairs;

  @Option(
      names = "--subset",
      paramLabel = "N",
      description =
          "Pairs for the means of a diffusion model, which take long"
              + " (default ${DEFAULT-VALUE}).")
  int subset = 64;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      description = "Split of the objects: train, validation or test (default test).")
  Split split = Split.TEST;

  @Option(
      names = "--all-objects",
      description = "Use all objects of the set, for data that no model was trained on.")
  boolean allObjects;

  @Option(
      names = "--source-view",
      paramLabel = "I",
      description =
          "Draw all other views of each object from its view I (the first is 0) instead of "
              + "random pairs, as published protocols do.")
  Integer sourceView;

  @Option(
      names = "--no-baselines",
      description = "Omit the baselines that read all training images.")
  boolean noBaselines;

  @ArgGroup(exclusive = false)
  LpipsOptions lpips;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "F.json",
      description = "The report to write.")
  Path output;

  /** Fills in what was not given. */
  private void defaults() {
    seeds = seeds == null ? (quick ? 1 : 16) : seeds;
    maxPairs = maxPairs == null ? (quick ? 64 : Integer.MAX_VALUE) : maxPairs;
  }

  @Override
  public Integer call() throws IOException {
    defaults();
    require(seeds >= 1, "--seeds is " + seeds + ", expected 1 or more");
    require(sheetRows >= 1, "--sheet is " + sheetRows + ", expected 1 or more");
    require(
        pairsPerObject >= 1, "--pairs-per-object is " + pairsPerObject + ", expected 1 or more");
    require(maxPairs >= 1, "--max-pairs is " + maxPairs + ", expected 1 or more");
    require(subset >= 1, "--subset is " + subset + ", expected 1 or more");
    require(
        teacherGuidance == null || Double.isFinite(teacherGuidance),
        "--teacher-guidance is " + teacherGuidance + ", expected a number");
    require(teacher != null || teacherGuidance == null, "--teacher-guidance wants --teacher");
    require(
        output.toString().endsWith(".json"),
        "--out is " + output + ", expected a name that ends in .json");
    require(orbits >= 0, "--orbits is " + orbits + ", expected 0 or more");
    require((orbits > 0) == (meshes != null), "--orbits N and --meshes PATH go together");
    Device where = device();
    try (NDManager manager = TorchRuntime.newManager(where);
        ModelFolder folder = ModelFolder.open(model);
        ModelFolder teacherFolder = teacher == null ? null : ModelFolder.open(teacher);
        Lpips distance = lpips == null ? null : lpips.load(manager)) {
      ViewSet set = ViewSet.open(requireExists(data));
      PairOptions options = PairOptions.of(1, seed);
      ViewPairDataset views =
          allObjects
              ? ViewPairDataset.load(set, set.ids(), options)
              : ViewPairDataset.load(set, split, options);
      EvaluationPairs pairs = pairs(views).spread(maxPairs);
      EvaluationBuilder evaluation =
          Evaluation.builder(views, pairs)
              .optSeeds(seeds)
              .optSheetRows(sheetRows)
              .optSubset(subset);
      if (distance != null) {
        evaluation.optLpips(distance);
      }
      // Models first: their errors show before all training images are read.
      ViewSampler sampler = sampler(folder, views, manager);
      ViewSampler teacherSampler = teacher == null ? null : sampler(teacherFolder, views, manager);
      if (teacherGuidance != null) {
        teacherSampler = teacherSampler.withGuidance(teacherGuidance);
      }
      List<SampledModel> models = models(folder.config(), sampler, manager);
      OrbitEvaluation ring = null;
      List<ViewPredictor> drawn = new ArrayList<>();
      if (teacher != null) {
        drawn.add(new SampledModel("teacher", teacherSampler, manager, 0));
      }
      drawn.addAll(models);
      if (orbits > 0) {
        ring = new OrbitEvaluation(orbitMeshes(set), drawn, views.imageSize(), seed);
      }
      Map<String, String> setup = setup(folder, teacherFolder, where);
      addBaselines(evaluation, set, views, setup);
      if (teacher != null) {
        setup.put("teacher_guidance", String.valueOf(teacherSampler.guidance()));
        evaluation.addReference(drawn.get(0));
      }
      evaluation.optSetup(setup);
      if (folder.config().hasVolume()) {
        evaluation.add(new CarriedView(folder.config(), sampler, manager));
        evaluation.add(new VolumeView(sampler, manager));
      }
      boolean slow = folder.config().kind() == ModelConfig.Kind.DIFFUSION;
      models.forEach(slow ? evaluation::addSlow : evaluation::add);
      EvaluationResult result = run(evaluation.build(), ring == null ? 0 : ring.work());
      if (ring != null) {
        result = result.with(run(ring, manager));
      }
      result.write(output);
      out().print(result.report().toMarkdown());
      out().println();
      out().println("report: " + output);
      out().println("contact sheet: " + EvaluationResult.beside(output, ".png"));
    }
    return 0;
  }

  private EvaluationPairs pairs(ViewPairDataset views) {
    if (sourceView == null) {
      return EvaluationPairs.draw(views, pairsPerObject, seed);
    }
    try {
      return EvaluationPairs.fromView(views, sourceView, seed);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private ViewSampler sampler(ModelFolder folder, ViewPairDataset views, NDManager manager)
      throws IOException {
    int size = folder.config().imageSize();
    if (size != views.imageSize()) {
      throw new IOException(
          "%s draws %d pixels, but the images of %s have %d"
              .formatted(folder.path(), size, data, views.imageSize()));
    }
    return ViewSampler.of(ViewModel.load(folder, manager));
  }

  private List<SampledModel> models(ModelConfig config, ViewSampler sampler, NDManager manager) {
    boolean student = config.kind() == ModelConfig.Kind.CONSISTENCY;
    boolean heun = !student && config.sampling().solver().isEmpty();
    List<Integer> few = quick ? List.of(1) : List.of(1, 2, 4);
    List<Integer> all = student ? few : List.of(sampler.defaultSteps());
    for (int passes : steps == null ? all : steps) {
      require(passes >= 1, "--steps has " + passes + ", expected 1 or more");
      // Heun's method takes two passes for each sigma and one for the last.
      require(
          !heun || passes % 2 == 1,
          "--steps has " + passes + ", expected odd numbers for a diffusion model");
    }
    return (steps == null ? all : steps)
        .stream()
            .distinct()
            .map(
                n ->
                    new SampledModel(
                        (student ? "student-" : "diffusion-") + n, sampler, manager, n))
            .toList();
  }

  private void addBaselines(
      EvaluationBuilder evaluation, ViewSet set, ViewPairDataset views, Map<String, String> setup)
      throws IOException {
    evaluation.add(new CopyInput());
    if (noBaselines) {
      return;
    }
    int objects = set.ids(Split.TRAIN).size();
    try (Progress progress = Progress.start(err(), "read", "training objects", objects)) {
      TrainingViews training =
          TrainingViews.read(set, (done, total, id) -> progress.update(done, id)).leavingOut(views);
      if (training.overlap() > 0) {
        setup.put("baselines_left_out", String.valueOf(training.overlap()));
      }
      evaluation.add(new MeanTrainingImage(training)).add(new NearestTrainingView(training));
    }
  }

  private EvaluationResult run(Evaluation evaluation, long orbitPasses) throws IOException {
    double millis = evaluation.estimate().toMillis();
    long passes = evaluation.work();
    long minutes = Math.round(millis * (passes + orbitPasses) / passes / 60_000);
    err()
        .printf(
            Locale.ROOT,
            "evaluate: %,d pairs, %,d passes, about %s%s%n",
            evaluation.pairs(),
            passes + orbitPasses,
            minutes < 1 ? "a minute or less" : minutes == 1 ? "1 minute" : minutes + " minutes",
            quick || minutes < 2 ? "" : "; --quick takes less");
    try (Progress progress = Progress.start(err(), "evaluate", "passes", evaluation.work())) {
      return evaluation.run((done, total, name) -> progress.update(done, name));
    }
  }

  private List<MeshSource> orbitMeshes(ViewSet set) throws IOException {
    Set<String> ids = Set.copyOf(allObjects ? set.ids() : set.ids(split));
    List<MeshSource> found =
        MeshFiles.list(requireExists(meshes)).stream()
            .filter(mesh -> ids.contains(mesh.id()))
            .sorted(Comparator.comparing(MeshSource::id))
            .limit(orbits)
            .toList();
    if (found.isEmpty()) {
      throw new IOException(
          meshes
              + " has no mesh of the name of an object of "
              + data
              + "'s "
              + split.name().toLowerCase(Locale.ROOT)
              + " split");
    }
    return found;
  }

  private Map<String, MetricSummary> run(OrbitEvaluation ring, NDManager manager)
      throws IOException {
    try (Progress progress = Progress.start(err(), "orbits", "passes", ring.work())) {
      return ring.run(manager, (done, total, name) -> progress.update(done, name));
    }
  }

  private Map<String, String> setup(ModelFolder folder, ModelFolder teacherFolder, Device where) {
    Map<String, String> setup = new TreeMap<>();
    describe(setup, "model", folder);
    if (teacherFolder != null) {
      describe(setup, "teacher", teacherFolder);
    }
    if (lpips != null) {
      lpips.describe(setup);
    }
    setup.put("data", data.toString());
    if (orbits > 0) {
      setup.put("orbits", orbits + " of " + meshes);
    }
    setup.put("split", allObjects ? "all" : split.name().toLowerCase(Locale.ROOT));
    if (sourceView == null) {
      setup.put("pairs_per_object", String.valueOf(pairsPerObject));
    } else {
      setup.put("source_view", String.valueOf(sourceView));
    }
    setup.put("seed", String.valueOf(seed));
    setup.put("commit", System.getProperty("cvs.commit", "unknown"));
    String index = where.isGpu() ? ":" + where.getDeviceId() : "";
    setup.put("device", where.getDeviceType() + index + ", " + TorchRuntime.threads() + " threads");
    setup.put("machine", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return setup;
  }

  private static void describe(Map<String, String> setup, String what, ModelFolder folder) {
    setup.put(what, folder.path().toString());
    setup.put(what + "_samples_seen", String.valueOf(folder.provenance().samplesSeen()));
    setup.put(what + "_commit", folder.provenance().commit());
  }
}
