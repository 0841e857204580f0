package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.checkpoint.FolderLock;
import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.ShardWriter;
import ai.fresnel.cvs.train.viewset.SplitRule;
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

/** The existing and the missing objects of a {@link RenderShard}. */
public final class RenderPlan {

  /** Objects rendered by each thread before they are written to a tar file in order. */
  private static final int CHUNK = 8;

  private final RenderShard shard;
  private final Path output;
  private final List<MeshSource> missing;
  private final int kept;
  private final boolean done;

  private RenderPlan(
      RenderShard shard, Path output, List<MeshSource> missing, int kept, boolean done) {
    this.shard = shard;
    this.output = output;
    this.missing = missing;
    this.kept = kept;
    this.done = done;
  }

  static RenderPlan of(RenderShard shard) throws IOException {
    List<? extends MeshSource> all = shard.source().list();
    RenderJob job = shard.job();
    List<MeshSource> part = new ArrayList<>();
    for (int i = job.shard(); i < all.size(); i += job.shards()) {
      part.add(all.get(i));
    }
    Path folder = Files.createDirectories(Path.of(shard.folder()));
    if (shard.layout() == RenderShard.Layout.TAR) {
      Path file = folder.resolve(ShardWriter.name(job.shard(), job.shards()));
      return Files.exists(file)
          ? new RenderPlan(shard, file, List.of(), part.size(), true)
          : new RenderPlan(shard, file, part, 0, false);
    }
    ViewSetWriter writer = new ViewSetWriter(folder);
    List<MeshSource> missing = new ArrayList<>();
    String kept = null;
    for (MeshSource source : part) {
      if (writer.isComplete(source.id())) {
        kept = source.id();
      } else {
        missing.add(source);
      }
    }
    if (kept != null) {
      requireSame(folder, kept, job);
    }
    int there = part.size() - missing.size();
    return new RenderPlan(shard, folder, missing, there, missing.isEmpty());
  }

  /** Refuses different sizes or numbers of views in one set. */
  private static void requireSame(Path folder, String id, RenderJob job) throws IOException {
    ViewObject object = ViewSet.open(folder).object(id);
    int there = object.read(0).intrinsics().width();
    if (there != job.size() || object.size() != job.views()) {
      throw new IOException(
          folder
              + ": holds "
              + object.size()
              + " views an object of "
              + there
              + " pixels, not "
              + job.views()
              + " of "
              + job.size()
              + ": choose another folder");
    }
  }

  /**
   * Returns the place of the part.
   *
   * @return the folder of the view set, or the tar file of the part
   */
  public Path output() {
    return output;
  }

  /**
   * Returns the number of existing objects.
   *
   * @return 0 or more
   */
  public int kept() {
    return kept;
  }

  /**
   * Returns the number of missing objects.
   *
   * @return 0 or more
   */
  public int missing() {
    return missing.size();
  }

  /**
   * Says whether the part is complete.
   *
   * @return true if no object is missing, or the tar file of the part exists
   */
  public boolean isDone() {
    return done;
  }

  /**
   * Renders the missing objects. Skips broken ones. A tar file appears under its name when it is
   * complete, and not at all if no object could be rendered.
   *
   * @param listener hears about the objects
   * @return the numbers of objects
   * @throws IOException if a file cannot be written, or another process renders the part
   */
  public RenderShard.Result render(RenderShard.Listener listener) throws IOException {
    if (shard.layout() == RenderShard.Layout.TAR) {
      return done ? new RenderShard.Result(0, 0, kept) : renderTar(listener);
    }
    // Only here: attempts at the same tar file do not disturb each other.
    try (FolderLock lock = shard.lock()) {
      return renderFolders(listener);
    }
  }

  private RenderShard.Result renderFolders(RenderShard.Listener listener) throws IOException {
    ViewSetWriter writer = new ViewSetWriter(output);
    ViewSetRenderer.Progress end =
        ViewSetRenderer.render(
            missing,
            job(),
            (id, origin, rendered) -> writer.write(id, views(rendered), meta(origin, rendered)),
            (state, word) -> {
              note(word, listener);
              listener.progressed(state);
            });
    return new RenderShard.Result(end.done(), end.skipped(), kept);
  }

  private record Shot(List<View> views, ObjectMeta meta) {}

  /** Renders a few objects at a time, to write them in order. */
  private RenderShard.Result renderTar(RenderShard.Listener listener) throws IOException {
    long start = System.nanoTime();
    int written = 0;
    int step = CHUNK * job().threads();
    try (ShardWriter writer = new ShardWriter(output)) {
      for (int from = 0; from < missing.size(); from += step) {
        List<MeshSource> some = missing.subList(from, Math.min(missing.size(), from + step));
        Map<String, Shot> shots = new ConcurrentHashMap<>();
        ViewSetRenderer.render(
            some,
            job(),
            (id, origin, rendered) ->
                shots.put(id, new Shot(views(rendered), meta(origin, rendered))),
            (state, word) -> note(word, listener));
        for (MeshSource object : some) {
          Shot shot = shots.get(object.id());
          if (shot != null) {
            writer.write(ShardWriter.id(object.id()), shot.views(), shot.meta());
            written++;
          }
        }
        double seconds = Math.max(1e-9, (System.nanoTime() - start) / 1e9);
        listener.progressed(
            new ViewSetRenderer.Progress(
                written,
                from + some.size() - written,
                missing.size(),
                written * (double) job().views() / seconds));
      }
      if (written > 0) {
        writer.finish();
      }
    }
    return new RenderShard.Result(written, missing.size() - written, 0);
  }

  /** Returns a job for all given objects, since the part is chosen already. */
  private RenderJob job() {
    return shard.job().withShard(0, 1);
  }

  private static void note(String word, RenderShard.Listener listener) {
    if (!word.isEmpty()) {
      listener.noted(word);
    }
  }

  private List<View> views(List<RenderedView> rendered) {
    List<View> result = new ArrayList<>();
    for (RenderedView view : rendered) {
      View plain = View.of(view.intrinsics(), view.pose(), view.rgba());
      result.add(shard.depth() ? plain.withDepth(view.depth()) : plain);
    }
    return result;
  }

  private static ObjectMeta meta(LoadedMesh origin, List<RenderedView> rendered) {
    boolean named = !origin.creator().equals("unknown");
    return new ObjectMeta(
        rendered.get(0).intrinsics(),
        ViewCameras.MIN_RADIUS,
        ViewCameras.MAX_RADIUS,
        named ? origin.source() + " by " + origin.creator() : origin.source(),
        origin.licence(),
        origin.group(),
        SplitRule.stem(origin.stem()),
        origin.sha256());
  }
}
