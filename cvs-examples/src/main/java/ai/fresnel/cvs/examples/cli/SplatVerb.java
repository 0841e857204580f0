package ai.fresnel.cvs.examples.cli;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.examples.splat.SplatReport;
import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.capture.CaptureConverter;
import ai.fresnel.cvs.train.capture.CaptureKind;
import ai.fresnel.cvs.train.capture.CaptureSource;
import ai.fresnel.cvs.train.file.Guarded;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.splat.ColmapPoints;
import ai.fresnel.cvs.train.splat.InitialPoints;
import ai.fresnel.cvs.train.splat.SplatData;
import ai.fresnel.cvs.train.splat.SplatDensity;
import ai.fresnel.cvs.train.splat.SplatOptimiser;
import ai.fresnel.cvs.train.splat.SplatRun;
import ai.fresnel.cvs.train.splat.SplatSettings;
import ai.fresnel.cvs.train.splat.SplatView;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cvs splat}: makes 3D Gaussians of views, or images of Gaussians. */
@Command(
    name = "splat",
    description = {
      "Turn a photograph, views of an object, or photographs with known cameras into 3D Gaussians.",
      "Holds out every eighth of given views and measures on them. Writes splat.ply, which viewers open,"
          + " orbit.gif, sheet.png and previews. Repeat the command to continue an interrupted run."
    },
    footer = {
      "",
      "Example: cvs splat --data D --object chair --gaussians 20000 --also spz,mesh --out S",
      "Example: cvs splat --convert S/splat.ply --out chair.spz"
    })
final class SplatVerb extends Verb {

  private static final Duration STATE_EVERY = Duration.ofSeconds(60);
  private static final long MAX_RECIPE_BYTES = 1 << 20;

  /** What Gaussians are made of, or the Gaussians. */
  static final class Source {
    @Option(
        names = "--image",
        paramLabel = "F",
        description = "A photograph of one object, of which a model draws views.")
    Path image;

    @Option(names = "--data", paramLabel = "DIR", description = "A view set.")
    Path data;

    @Option(
        names = "--from",
        paramLabel = "DIR",
        description = "A capture, as capture --from takes it.")
    Path from;

    @Option(
        names = "--render",
        paramLabel = "F",
        description = "A .ply, .splat or .spz file, to draw an orbit of.")
    Path render;

    @Option(
        names = "--convert",
        paramLabel = "F",
        description = "Such a file, to write as the .ply, .splat, .spz or .glb that --out names.")
    Path convert;

    @Option(
        names = "--mesh",
        paramLabel = "F",
        description = "Such a file, whose surface to write as the .glb that --out names.")
    Path mesh;
  }

  @ArgGroup(multiplicity = "1")
  Source source;

  @Option(
      names = "--object",
      paramLabel = "ID",
      description = "One object of the set or capture (default: all, each in its own folder).")
  String object;

  @Option(
      names = "--recipe",
      paramLabel = "F.json",
      description = "Settings by group, those that differ from the defaults; see docs/splat.md.")
  Path recipe;

  @Option(
      names = "--gaussians",
      paramLabel = "N",
      description = "Most Gaussians (default: 10000, or 50000 for a capture without masks).")
  Integer gaussians;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of one view (default: 1000; 200 of a photograph, 3000 of a scene).")
  Integer steps;

  @Option(
      names = "--sh",
      paramLabel = "D",
      description = "Degree of the spherical harmonics, 0 to 3 (default: 0, or 2).")
  Integer shDegree;

  @Option(
      names = "--density",
      paramLabel = "M",
      description = "none, published or mcmc: how Gaussians are added and moved (default: mcmc).")
  SplatDensity.Method density;

  @Option(
      names = "--size",
      paramLabel = "S",
      description = "Sides of a capture's views in pixels (default ${DEFAULT-VALUE}).")
  int size = 256;

  @Option(
      names = "--views",
      paramLabel = "K",
      description = "Most views of a capture, evenly spread (default ${DEFAULT-VALUE}).")
  int views = 200;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads (default: one per processor).")
  int threads = Runtime.getRuntime().availableProcessors();

  @ArgGroup(exclusive = false)
  LpipsOptions lpips;

  @Mixin PhotographOptions photograph;

  @Mixin OrbitOptions orbit;

  @Mixin SplatConversion files;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder of the results, or the file of --convert or --mesh.")
  Path output;

  @Override
  public Integer call() throws IOException {
    require(threads >= 1, "--threads is " + threads + ", expected 1 or more");
    orbit.check(this::require);
    files.check(this::require);
    require(
        lpips == null || source.data != null || source.from != null,
        "--lpips wants --data or --from, whose views are held out");
    if (source.convert != null || source.mesh != null) {
      return convert();
    }
    if (source.render != null) {
      GaussianCloud cloud = files.read(source.render);
      out().println(cloud.size() + " Gaussians, harmonics of degree " + cloud.shDegree());
      draw(cloud, output);
      return 0;
    }
    if (source.image != null) {
      return photograph();
    }
    if (lpips == null) {
      return measured(SplatReport.plain());
    }
    try (NDManager manager = TorchRuntime.newManager(device());
        Lpips images = lpips.load(manager)) {
      return measured(SplatReport.with(images));
    }
  }

  private int measured(SplatReport report) throws IOException {
    if (source.data != null) {
      viewSet(report);
    } else {
      capture(report);
    }
    report.write(output).forEach(out()::println);
    return 0;
  }

  private int photograph() throws IOException {
    SplatSettings settings = settings(SplatSettings.generated());
    try {
      photograph.check();
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    SynthesizerOptions options = SynthesizerOptions.defaults().withDevice(device());
    Path image = requireExists(source.image);
    if (photograph.instant) {
      GaussianCloud cloud = photograph.volume(image, options, settings, err());
      Path file = output.resolve(SplatRun.RESULT);
      files.write(cloud, file);
      out().println(cloud.size() + " Gaussians: " + file);
      files.writeAlso(cloud, output).forEach(also -> out().println("written: " + also));
      draw(cloud, output);
      return 0;
    }
    SplatData data = photograph.draw(image, options, err());
    String id = source.image.getFileName().toString();
    SplatReport report = SplatReport.plain();
    run(id, source.image, output, data, settings, report);
    report.write(output);
    return 0;
  }

  private int convert() throws IOException {
    GaussianCloud cloud = files.read(source.convert == null ? source.mesh : source.convert);
    String written = cloud.size() + " Gaussians";
    try {
      if (source.convert != null) {
        files.write(cloud, output);
      } else {
        written += ", " + files.writeMesh(cloud, output);
      }
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    out().println(written + ": " + output);
    return 0;
  }

  private void viewSet(SplatReport report) throws IOException {
    ViewSet set = ViewSet.open(requireExists(source.data));
    List<String> ids = chosen(set.ids());
    for (String id : ids) {
      SplatData data = SplatData.of(set.object(id));
      SplatSettings settings = settings(SplatSettings.object());
      run(id, source.data, folder(id, ids), data, settings, report);
    }
  }

  private void capture(SplatReport report) throws IOException {
    require(size >= 8 && size <= 1024, "--size is " + size + ", expected 8 to 1024");
    require(views >= 2, "--views is " + views + ", expected 2 or more");
    CaptureKind kind = CaptureKind.detect(requireExists(source.from));
    List<CaptureSource> sources = kind.list(source.from);
    List<String> ids = chosen(sources.stream().map(CaptureSource::id).toList());
    for (CaptureSource one : sources) {
      if (ids.contains(one.id())) {
        CaptureConverter.Converted converted =
            Guarded.run(
                () -> CaptureConverter.convert(one.load(), source.from.toString(), size, views));
        if (!converted.leftOut().isEmpty()) {
          err().println(one.id() + ": " + converted.leftOut().describe("frame"));
        }
        converted.notes().forEach(note -> err().println(one.id() + ": " + note));
        List<InitialPoints> points =
            kind == CaptureKind.COLMAP
                ? ColmapPoints.find(source.from).stream().toList()
                : List.of();
        SplatSettings settings =
            settings(converted.masked() ? SplatSettings.object() : SplatSettings.scene());
        SplatData data = SplatData.of(converted, points);
        run(one.id(), source.from, folder(one.id(), ids), data, settings, report);
      }
    }
  }

  private List<String> chosen(List<String> ids) {
    if (object == null) {
      return ids;
    }
    require(
        ids.contains(object),
        "--object is "
            + Json.quote(object)
            + ", expected one of "
            + ids.size()
            + ": "
            + String.join(", ", ids.subList(0, Math.min(5, ids.size())))
            + (ids.size() > 5 ? ", …" : ""));
    return List.of(object);
  }

  /** Several objects have a folder each. */
  private Path folder(String id, List<String> ids) {
    return ids.size() == 1 ? output : output.resolve(id);
  }

  private SplatSettings settings(SplatSettings defaults) throws IOException {
    try {
      SplatSettings settings = defaults;
      if (recipe != null) {
        if (Files.size(requireExists(recipe)) > MAX_RECIPE_BYTES) {
          throw new IOException(recipe + " is larger than settings can be (1 MiB)");
        }
        settings = settings.with(Files.readString(recipe), recipe.toString());
      }
      settings = gaussians == null ? settings : settings.withGaussians(gaussians);
      settings = steps == null ? settings : settings.withSteps(steps);
      settings = shDegree == null ? settings : settings.withShDegree(shDegree);
      settings = density == null ? settings : settings.withDensity(SplatDensity.of(density));
      boolean seeded = spec.commandLine().getParseResult().hasMatchedOption("--seed");
      return seeded ? settings.withSeed(seed) : settings;
    } catch (JsonException e) {
      throw new IOException(e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private void run(
      String id, Path from, Path folder, SplatData data, SplatSettings settings, SplatReport report)
      throws IOException {
    try {
      report.check(data);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    String name = from.toAbsolutePath().normalize() + ": " + id;
    SplatRun run = new SplatRun(folder, name, data, settings, threads, STATE_EVERY);
    SplatRun.Result result;
    try (Progress progress = Progress.start(err(), "splat", "steps", settings.steps())) {
      result =
          run.run(
              new SplatRun.Listener() {
                @Override
                public void began(int steps) {
                  progress.resumeAt(steps);
                }

                @Override
                public void stepped(int steps, SplatOptimiser.Step step) {
                  progress.update(
                      steps,
                      String.format(
                          Locale.ROOT, "loss %.4f, %d Gaussians", step.loss(), step.gaussians()));
                }

                @Override
                public void noted(String line) {
                  progress.message(line);
                }
              });
    }
    String found = report.add(id, result, data);
    out().println(id + ": " + found + ": " + folder.resolve(SplatRun.RESULT));
    files.writeAlso(result.cloud(), folder).forEach(file -> out().println("written: " + file));
    // A scene has no outside: it is seen from among its cameras.
    boolean scene = data.training().get(0).surroundings() == SplatView.Surroundings.UNKNOWN;
    if (scene && result.cloud().size() > 0) {
      drawn(SplatOrbit.among(data.training(), result.cloud(), orbit), folder);
    } else {
      draw(result.cloud(), folder);
    }
  }

  private void draw(GaussianCloud cloud, Path folder) throws IOException {
    if (cloud.size() > 0) {
      drawn(SplatOrbit.of(cloud, orbit), folder);
    }
  }

  private void drawn(SplatOrbit images, Path folder) throws IOException {
    images.write(folder).forEach(file -> out().println("drawn: " + file));
  }
}
