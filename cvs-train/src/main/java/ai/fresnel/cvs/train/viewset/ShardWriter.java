package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.geometry.BlenderPose;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes objects of a view set into one tar file with WebDataset's names: {@code <id>.000.png},
 * {@code <id>.000.npy}, … {@code <id>.meta.json}. The file appears under its name when it is closed
 * after {@link #finish}. The same objects in the same order give the same bytes. Several processes
 * may write the same shard at once, as repeated attempts on a cluster do: the first to finish wins.
 */
public final class ShardWriter implements Closeable {

  private final Path file;
  private final Path temporary;
  private final TarArchiveOutputStream tar;
  private final Set<String> ids = new HashSet<>();
  private boolean finished;

  /**
   * Starts a shard.
   *
   * @param file the tar file, in an existing folder
   * @throws IOException if it cannot be written
   */
  public ShardWriter(Path file) throws IOException {
    this.file = file;
    temporary = file.resolveSibling(temporaryPrefix() + UUID.randomUUID());
    tar = new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary)));
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
  }

  /**
   * Returns the name of a shard; names sort by number.
   *
   * @param index the number of the shard, from 0
   * @param count the number of shards
   * @return shard-00003-of-00008.tar
   */
  public static String name(int index, int count) {
    return String.format(Locale.ROOT, "shard-%05d-of-%05d%s", index, count, Shards.ENDING);
  }

  /**
   * Returns the id of an object in shards, where a point would end it.
   *
   * @param id the id of an object
   * @return the id with dashes for points
   */
  public static String id(String id) {
    return id.replace('.', '-');
  }

  /**
   * Adds an object.
   *
   * @param id its id, without points
   * @param views its views, at least one, all with the meta's intrinsics
   * @param meta its metadata
   * @throws IOException if it cannot be written
   * @throws IllegalArgumentException if the id has a point or is not new
   */
  public void write(String id, List<View> views, ObjectMeta meta) throws IOException {
    if (id.indexOf('.') >= 0 || id.isEmpty() || !ids.add(id)) {
      throw new IllegalArgumentException(
          "object id \"" + id + "\", expected a new one without points");
    }
    for (int i = 0; i < views.size(); i++) {
      View view = views.get(i);
      int width = view.intrinsics().width();
      int height = view.intrinsics().height();
      add(id + "." + ViewObject.name(i, ".png"), PngFile.encode(width, height, view.rgba()));
      double[] camera = BlenderPose.fromCameraPose(view.pose());
      add(id + "." + ViewObject.name(i, ".npy"), Npy.encode(camera, 3, 4));
      if (view.depth().isPresent()) {
        byte[] depth = Npy.encode(view.depth().get(), height, width);
        add(id + "." + ViewObject.name(i, ".depth.npy"), depth);
      }
    }
    add(id + "." + ObjectMeta.FILE_NAME, JsonFile.bytes(meta.toJson(views.size())));
  }

  private void add(String name, byte[] content) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    // The bytes must not depend on time or user.
    entry.setModTime(0);
    try {
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw AtomicFiles.named(e, file);
    }
  }

  /** Marks the shard as complete. */
  public void finish() {
    finished = true;
  }

  private String temporaryPrefix() {
    return "." + file.getFileName() + ".writing";
  }

  /**
   * Renames the file if it is complete, and deletes it otherwise. A complete file makes those of
   * other attempts needless, whether they still write or were killed: it deletes them.
   *
   * @throws IOException if it cannot be written
   */
  @Override
  public void close() throws IOException {
    try {
      tar.close();
      if (finished) {
        publish();
      }
    } catch (IOException e) {
      throw AtomicFiles.named(e, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private void publish() throws IOException {
    try {
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      if (Files.exists(file)) {
        // Another attempt was faster, and deleted this one's file.
        return;
      }
      throw e;
    }
    Path folder = file.toAbsolutePath().getParent();
    try (DirectoryStream<Path> others =
        Files.newDirectoryStream(
            folder, path -> path.getFileName().toString().startsWith(temporaryPrefix()))) {
      for (Path other : others) {
        Files.deleteIfExists(other);
      }
    }
  }
}
