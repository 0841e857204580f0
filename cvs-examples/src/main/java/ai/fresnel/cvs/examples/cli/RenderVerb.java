package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderPlan;
import ai.fresnel.cvs.train.render.RenderShard;
import ai.fresnel.cvs.train.render.RenderSource;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cvs render}: renders meshes or procedural objects to a view set. */
@Command(
    name = "render",
    description = {
      "Render objects from random cameras to a view set.",
      "Existing objects are kept: repeat the command to continue an interrupted run."
    })
final class RenderVerb extends Verb {

  private static final Pattern SHARD = Pattern.compile("([0-9]{1,6})/([0-9]{1,6})");

  /** The source of the objects. */
  static final class Source {
    @Option(
        names = "--procedural",
        paramLabel = "N",
        description = "Generate N pieces of furniture from the seed.")
    Integer procedural;

    @Option(
        names = "--meshes",
        paramLabel = "PATH",
        description =
            "A folder with .obj, .glb or .gltf files, or .zip or .sh3f archives of them; or one"
                + " file.")
    Path meshes;
  }

  @ArgGroup(multiplicity = "1")
  Source source;

  @ArgGroup(exclusive = false)
  VariantOptions variants;

  @Option(
      names = "--views",
      paramLabel = "K",
      description = "Views of each object (default ${DEFAULT-VALUE}).")
  int views = 12;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description = "Render part I of N only, I from 0, to share the work among machines.")
  String shard = "0/1";

  @Option(
      names = "--tar",
      description =
          "Write the part as one tar file with WebDataset's names instead of a folder for each"
              + " object. An existing part is kept.")
  boolean tar;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Objects rendered at once (default: one per processor).")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--depth", description = "Also write depth maps.")
  boolean depth;

  @Mixin ViewSetOptions set;

  @Override
  public Integer call() throws IOException {
    Matcher part = SHARD.matcher(shard);
    require(part.matches(), "--shard is " + shard + ", expected I/N such as 0/4");
    RenderJob job;
    try {
      job =
          RenderJob.of(views, set.size, seed)
              .withThreads(threads)
              .withShard(Integer.parseInt(part.group(1)), Integer.parseInt(part.group(2)));
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    RenderShard.Layout layout = tar ? RenderShard.Layout.TAR : RenderShard.Layout.FOLDERS;
    RenderShard work = new RenderShard(source(), job, layout, depth, set.output.toString());
    RenderPlan plan = work.plan();
    return tar ? tar(plan) : folders(work, plan);
  }

  private RenderSource source() throws IOException {
    if (variants == null) {
      return objects();
    }
    variants.check(this::require);
    return variants.of(objects(), seed);
  }

  private RenderSource objects() throws IOException {
    if (source.meshes != null) {
      return new RenderSource.Meshes(requireExists(source.meshes).toString());
    }
    int most = RenderSource.Furniture.MAX_COUNT;
    require(
        source.procedural >= 1 && source.procedural <= most,
        "--procedural is " + source.procedural + ", expected 1 to " + most);
    return new RenderSource.Furniture(source.procedural, seed);
  }

  private int folders(RenderShard work, RenderPlan plan) throws IOException {
    if (plan.kept() > 0) {
      err().println(plan.kept() + " objects are in " + set.output + " already");
    }
    RenderShard.Result end =
        render(
            plan,
            state -> {
              String note = Math.round(state.viewsPerSecond()) + " views/s";
              return state.skipped() == 0 ? note : note + ", " + state.skipped() + " skipped";
            });
    work.writeLists();
    out()
        .println(
            end.rendered()
                + " objects rendered, "
                + end.skipped()
                + " skipped, "
                + end.kept()
                + " kept");
    out().println("view set: " + set.output);
    end.requireAny();
    return 0;
  }

  private int tar(RenderPlan plan) throws IOException {
    if (plan.isDone()) {
      out().println("shard: " + plan.output() + " is there already");
      return 0;
    }
    RenderShard.Result end = render(plan, state -> state.done() + " written");
    end.requireAny();
    out().println(end.rendered() + " objects rendered, " + end.skipped() + " skipped");
    out().println("shard: " + plan.output());
    return 0;
  }

  private RenderShard.Result render(
      RenderPlan plan, Function<ViewSetRenderer.Progress, String> note) throws IOException {
    try (Progress progress = Progress.start(err(), "render", "objects", plan.missing())) {
      return plan.render(
          new RenderShard.Listener() {
            @Override
            public void progressed(ViewSetRenderer.Progress state) {
              progress.update(state.done() + state.skipped(), note.apply(state));
            }

            @Override
            public void noted(String line) {
              progress.message(line);
            }
          });
    }
  }
}
