package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * A view set to render, or one part of it: which objects, how, and where to.
 *
 * <p>Holds plain values only, so that it can be sent to any machine that sees the same files:
 * {@code shard.withPart(i, n).plan().render(listener)} renders part i of n there. What is there
 * already is kept, so interrupted work is repeated as it was. One process at a time may render a
 * part; {@link #writeLists} follows when parts are done.
 *
 * @param source which objects
 * @param job how they are rendered, and which part of them
 * @param layout how they are stored
 * @param depth whether depth maps are stored too
 * @param folder the view set's folder
 */
public record RenderShard(
    RenderSource source, RenderJob job, Layout layout, boolean depth, String folder)
    implements Serializable {

  /** How a view set is stored. */
  public enum Layout {
    /** A folder an object. */
    FOLDERS,
    /** A tar file a part. */
    TAR
  }

  /** Hears how the work goes. Called by one thread at a time. */
  public interface Listener {

    /**
     * More objects are through: one with {@link Layout#FOLDERS}, some with {@link Layout#TAR}.
     *
     * @param progress the state after them; its total is {@link RenderPlan#missing}
     */
    void progressed(ViewSetRenderer.Progress progress);

    /**
     * An object was skipped or lacks something.
     *
     * @param line which object and why
     */
    void noted(String line);
  }

  /**
   * What became of the objects of a part.
   *
   * @param rendered how many were rendered now
   * @param skipped how many could not be
   * @param kept how many were there already
   */
  public record Result(int rendered, int skipped, int kept) {

    /**
     * Refuses a part without any object.
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
   * Returns one part.
   *
   * @param index which part, 0..count-1
   * @param count how many parts
   * @return the same view set's part: every count-th object from the index-th on
   * @throws IllegalArgumentException if the index is out of its range
   */
  public RenderShard withPart(int index, int count) {
    return new RenderShard(source, job.withShard(index, count), layout, depth, folder);
  }

  /**
   * Lists this part's objects and looks which of them are there already. Makes the folder.
   *
   * @return what there is to do
   * @throws IOException if there are no objects, the folder cannot be made, or it holds views of
   *     another size or number
   */
  public RenderPlan plan() throws IOException {
    return RenderPlan.of(this);
  }

  /**
   * Writes the lists and splits of all objects in the folder, those of other parts included. Tar
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
