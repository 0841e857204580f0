package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.render.ViewCameras;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.ShardWriter;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs render}: meshes or procedural objects to a view set. */
@Command(
    name = "render",
    description = {
      "Render objects from random cameras to a view set.",
      "Objects that are there already are kept, so an interrupted run is repeated as it was."
    })
final class RenderVerb extends Verb {

  private static final Pattern SHARD = Pattern.compile("([0-9]{1,6})/([0-9]{1,6})");

  /** Objects of different seeds shall not be the same. */
  private static final long PROCEDURAL_SEEDS = 1_000_000;

  /** Where the objects come from. */
  static final class Source {
    @Option(
        names = "--procedural",
        paramLabel = "N",
        description = "Make N pieces of furniture from the seed.")
    Integer procedural;

    @Option(
        names = "--meshes",
        paramLabel = "PATH",
        description =
            "A folder with .obj, .glb or .gltf files and .zip or .sh3f archives of them, or one"
                + " file.")
    Path meshes;
  }

  @ArgGroup(multiplicity = "1")
  Source source;

  @Option(
      names = "--views",
      paramLabel = "K",
      description = "Pictures an object (default ${DEFAULT-VALUE}).")
  int views = 12;

  @Option(
      names = "--size",
      paramLabel = "S",
      description = "Pixels a side (default ${DEFAULT-VALUE}).")
  int size = 64;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description = "Only part I of N, I from 0: several machines share the work.")
  String shard = "0/1";

  @Option(
      names = "--tar",
      description =
          "Write the part as one tar file, named as WebDataset's samples, in place of a folder an"
              + " object. A part that is there already is kept.")
  boolean tar;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Objects rendered at once (default: one a processor).")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--depth", description = "Write depth maps too.")
  boolean depth;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The view set's folder.")
  Path output;

  @Override
  public Integer call() throws IOException {
    Matcher part = SHARD.matcher(shard);
    require(part.matches(), "--shard is " + shard + ", expected I/N such as 0/4");
    RenderJob job;
    try {
      job = RenderJob.of(views, size, seed).withThreads(threads);
      // Only for its check of the range: what is there already is left out after the division.
      job.withShard(Integer.parseInt(part.group(1)), Integer.parseInt(part.group(2)));
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    List<? extends MeshSource> all = sources();
    if (all.isEmpty()) {
      throw new IOException(source.meshes + ": no .obj, .glb or .gltf file in it");
    }
    if (tar) {
      return shard(all, job, Integer.parseInt(part.group(1)), Integer.parseInt(part.group(2)));
    }
    ViewSetWriter writer = new ViewSetWriter(output);
    List<MeshSource> missing = new ArrayList<>();
    String kept = null;
    int keptCount = 0;
    int step = Integer.parseInt(part.group(2));
    for (int i = Integer.parseInt(part.group(1)); i < all.size(); i += step) {
      if (writer.isComplete(all.get(i).id())) {
        kept = all.get(i).id();
        keptCount++;
      } else {
        missing.add(all.get(i));
      }
    }
    if (kept != null) {
      requireSame(kept);
      err().println(keptCount + " objects are in " + output + " already");
    }
    ViewSetRenderer.Progress end = render(missing, job, writer);
    writer.finish();
    out()
        .println(
            end.done()
                + " objects rendered, "
                + end.skipped()
                + " skipped, "
                + keptCount
                + " kept");
    out().println("view set: " + output);
    if (end.done() + keptCount == 0) {
      throw new IOException("no object of " + end.total() + " could be rendered");
    }
    return 0;
  }

  /** Renders a few objects at a time, so that they can be written in their order. */
  private int shard(List<? extends MeshSource> all, RenderJob job, int index, int count)
      throws IOException {
    Path file = Files.createDirectories(output).resolve(ShardWriter.name(index, count));
    if (Files.exists(file)) {
      out().println("shard: " + file + " is there already");
      return 0;
    }
    List<MeshSource> part = new ArrayList<>();
    for (int i = index; i < all.size(); i += count) {
      part.add(all.get(i));
    }
    int written = 0;
    int step = 8 * threads;
    try (ShardWriter writer = new ShardWriter(file);
        Progress progress = Progress.start(err(), "render", "objects", part.size())) {
      for (int from = 0; from < part.size(); from += step) {
        List<MeshSource> some = part.subList(from, Math.min(part.size(), from + step));
        Map<String, Shot> shots = new ConcurrentHashMap<>();
        ViewSetRenderer.render(
            some,
            job,
            (id, origin, rendered) ->
                shots.put(id, new Shot(views(rendered), meta(origin, rendered))),
            (state, word) -> {
              if (!word.isEmpty()) {
                progress.message(word);
              }
            });
        for (MeshSource object : some) {
          Shot shot = shots.get(object.id());
          if (shot != null) {
            writer.write(ShardWriter.id(object.id()), shot.views(), shot.meta());
            written++;
          }
        }
        progress.update(from + some.size(), written + " written");
      }
      if (written == 0) {
        throw new IOException("no object of " + part.size() + " could be rendered");
      }
      writer.finish();
    }
    out().println(written + " objects rendered, " + (part.size() - written) + " skipped");
    out().println("shard: " + file);
    return 0;
  }

  private record Shot(List<View> views, ObjectMeta meta) {}

  private List<? extends MeshSource> sources() throws IOException {
    if (source.meshes != null) {
      return MeshFiles.list(requireExists(source.meshes));
    }
    require(
        source.procedural >= 1 && source.procedural <= PROCEDURAL_SEEDS,
        "--procedural is " + source.procedural + ", expected 1 to " + PROCEDURAL_SEEDS);
    return ProceduralScenes.sources(source.procedural, seed * PROCEDURAL_SEEDS);
  }

  /** Refuses to mix pictures of different sizes or numbers in one set. */
  private void requireSame(String id) throws IOException {
    ViewObject object = ViewSet.open(output).object(id);
    int there = object.read(0).intrinsics().width();
    if (there != size || object.size() != views) {
      throw new IOException(
          output
              + ": holds "
              + object.size()
              + " views an object of "
              + there
              + " pixels, not "
              + views
              + " of "
              + size
              + ": choose another folder");
    }
  }

  private ViewSetRenderer.Progress render(
      List<MeshSource> sources, RenderJob job, ViewSetWriter writer) throws IOException {
    try (Progress progress = Progress.start(err(), "render", "objects", sources.size())) {
      return ViewSetRenderer.render(
          sources,
          job,
          (id, origin, rendered) -> writer.write(id, views(rendered), meta(origin, rendered)),
          (state, word) -> {
            if (!word.isEmpty()) {
              progress.message(word);
            }
            String note = Math.round(state.viewsPerSecond()) + " views/s";
            progress.update(
                state.done() + state.skipped(),
                state.skipped() == 0 ? note : note + ", " + state.skipped() + " skipped");
          });
    }
  }

  private List<View> views(List<RenderedView> rendered) {
    List<View> result = new ArrayList<>();
    for (RenderedView view : rendered) {
      View plain = View.of(view.intrinsics(), view.pose(), view.rgba());
      result.add(depth ? plain.withDepth(view.depth()) : plain);
    }
    return result;
  }

  private ObjectMeta meta(LoadedMesh origin, List<RenderedView> rendered) {
    boolean named = !origin.creator().equals("unknown");
    return new ObjectMeta(
        rendered.get(0).intrinsics(),
        ViewCameras.MIN_RADIUS,
        ViewCameras.MAX_RADIUS,
        named ? origin.source() + " by " + origin.creator() : origin.source(),
        origin.licence(),
        origin.group(),
        origin.stem(),
        origin.sha256());
  }
}
