package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.checkpoint.FolderLock;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * Describes a view set to render, or a part of it: objects, settings and destination.
 *
 * <p>Holds plain values only, so that it can be sent to any machine with the same files: {@code
 * shard.withPart(i, n).plan().render(listener)} renders part i of n there. Existing objects are
 * kept: repeat interrupted work to continue it. With {@link Layout#FOLDERS} one process at a time
 * renders a part, and others are refused; the first finished file of {@link Layout#TAR} wins. Call
 * {@link #writeLists} when parts are done.
 *
 * @param source the objects
 * @param job the settings of rendering, and the part
 * @param layout the layout on disk
 * @param depth whether to store depth maps
 * @param folder the folder of the view set
 */
public record RenderShard(
    RenderSource source, RenderJob job, Layout layout, boolean depth, String folder)
    implements Serializable {

  /** The layout of a view set on disk. */
  public enum Layout {
    /** A folder for each object. */
    FOLDERS,
    /** A tar file for each part. */
    TAR
  }

  /** Hears about the progress. Called by one thread at a time. */
  public interface Listener {

    /**
     * Called after one more object with {@link Layout#FOLDERS}, or several with {@link Layout#TAR}.
     *
     * @param progress the progress, with {@link RenderPlan#missing} as its total
     */
    void progressed(ViewSetRenderer.Progress progress);

    /**
     * Called for an object that was skipped or lacks parts.
     *
     * @param line the object and the reason
     */
    void noted(String line);
  }

  /**
   * The numbers of objects of a part.
   *
   * @param rendered objects rendered now
   * @param skipped objects that could not be rendered
   * @param kept objects that existed
   */
  public record Result(int rendered, int skipped, int kept) {

    /**
     * Refuses a part without objects.
     *
     * @throws IOException if none was rendered or kept
     */
    public void requireAny() throws IOException {
      if (rendered + kept == 0) {
        throw new IOException("no object of " + skipped + " could be rendered");
      }
    }
  }

  /**
   * Returns a part.
   *
   * @param index the part, 0..count-1
   * @param count the number of parts
   * @return every count-th object of the view set from the index-th on
   * @throws IllegalArgumentException if the index is out of its range
   */
  public RenderShard withPart(int index, int count) {
    return new RenderShard(source, job.withShard(index, count), layout, depth, folder);
  }

  /**
   * Lists the objects of this part and finds the existing ones. Makes the folder.
   *
   * @return the plan
   * @throws IOException if there are no objects, the folder cannot be made, or it holds views of
   *     another size or number
   */
  public RenderPlan plan() throws IOException {
    return RenderPlan.of(this);
  }

  /** Locks the part, which is the whole folder if there is one part. */
  FolderLock lock() throws IOException {
    Path root = Path.of(folder);
    return job.shards() == 1
        ? FolderLock.of(root)
        : FolderLock.ofPart(root, "part-%d-of-%d".formatted(job.shard(), job.shards()));
  }

  /**
   * Writes the lists and splits of all objects in the folder, including those of other parts. Tar
   * files need none.
   *
   * @throws IOException if a file cannot be read or written
   */
  public void writeLists() throws IOException {
    if (layout == Layout.FOLDERS) {
      new ViewSetWriter(Path.of(folder)).finish();
    }
  }
}
