package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.geometry.BlenderPose;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** An object of a view set on disk, in a folder or a shard. Each call reads from disk. */
public final class ViewObject {

  /** The largest accepted depth, in world units. */
  private static final float MAX_DEPTH = 1e6f;

  private final String id;
  private final ObjectFiles files;
  private final Optional<ObjectMeta> meta;
  private final int size;

  private ViewObject(String id, ObjectFiles files, Optional<ObjectMeta> meta, int size) {
    this.id = id;
    this.files = files;
    this.meta = meta;
    this.size = size;
  }

  static ViewObject open(String id, ObjectFiles files) throws IOException {
    int views = countViews(files);
    if (views == 0) {
      throw DamagedFile.error(files.path(""), "no views", "000.png and 000.npy");
    }
    if (!files.has(ObjectMeta.FILE_NAME)) {
      return new ViewObject(id, files, Optional.empty(), views);
    }
    ObjectMeta.Stored stored = ObjectMeta.read(files);
    if (stored.views() != views) {
      throw DamagedFile.error(
          files.path(""), views + " views", stored.views() + " by its meta.json");
    }
    return new ViewObject(id, files, Optional.of(stored.meta()), views);
  }

  /**
   * Returns the name of the object.
   *
   * @return its id
   */
  public String id() {
    return id;
  }

  /**
   * Returns the number of views.
   *
   * @return 1 or more
   */
  public int size() {
    return size;
  }

  /**
   * Returns the content of {@code meta.json}.
   *
   * @return the meta, or empty for sets of Zero123's original layout
   */
  public Optional<ObjectMeta> meta() {
    return meta;
  }

  /**
   * Reads a view without its depth. Without {@code meta.json} the lens has Zero123's field of view.
   *
   * @param index from 0 to {@link #size()} − 1
   * @return the view
   * @throws IOException naming the file if it is damaged, its size differs from the meta's or its
   *     matrix is no camera
   */
  public View read(int index) throws IOException {
    String name = name(index, ".png");
    Path file = files.path(name);
    PngFile image = PngFile.decode(file, files.read(name, PngFile.MAX_BYTES));
    Intrinsics lens = meta.map(ObjectMeta::intrinsics).orElseGet(() -> zero123(image));
    if (image.width() != lens.width() || image.height() != lens.height()) {
      throw DamagedFile.error(
          file,
          image.width() + "×" + image.height() + " pixels",
          lens.width() + "×" + lens.height() + " by its meta.json");
    }
    return View.of(lens, readPose(index), image.rgba());
  }

  /**
   * Reads the camera of a view.
   *
   * @param index from 0 to {@link #size()} − 1
   * @return the pose
   * @throws IOException naming the file if it is damaged or holds no camera
   */
  public CameraPose readPose(int index) throws IOException {
    String name = name(index, ".npy");
    Path file = files.path(name);
    double[] matrix = Npy.decode(file, files.read(name, Npy.longest(3, 4)), 3, 4).values();
    try {
      return BlenderPose.toCameraPose(matrix);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads the depth map of a view.
   *
   * @param index from 0 to {@link #size()} − 1
   * @return depth in world units, (height, width) row by row, 0 where there is nothing; or empty if
   *     none is stored
   * @throws IOException naming the file if it is damaged or has another size than the image
   */
  public Optional<float[]> readDepth(int index) throws IOException {
    String name = name(index, ".depth.npy");
    if (!files.has(name)) {
      return Optional.empty();
    }
    Intrinsics lens = meta.isPresent() ? meta.get().intrinsics() : read(index).intrinsics();
    byte[] bytes = files.read(name, Npy.longest(lens.height(), lens.width()));
    double[] values = Npy.decode(files.path(name), bytes, lens.height(), lens.width()).values();
    float[] depth = new float[values.length];
    for (int i = 0; i < depth.length; i++) {
      depth[i] = (float) values[i];
    }
    return Optional.of(depth);
  }

  /**
   * Reads the depth map of a view, which must exist.
   *
   * @param index from 0 to {@link #size()} − 1
   * @return depth in world units, (height, width) row by row, 0 where there is nothing
   * @throws IOException naming the file if it is missing or damaged, or a depth is below 0, above
   *     10⁶ or not finite
   */
  public float[] requireDepth(int index) throws IOException {
    Path file = files.path(name(index, ".depth.npy"));
    float[] depth =
        readDepth(index)
            .orElseThrow(
                () ->
                    DamagedFile.error(
                        file, "no depth", "one a view, as `cvs render --depth` writes it"));
    for (float z : depth) {
      if (!(z >= 0 && z <= MAX_DEPTH)) {
        throw DamagedFile.error(file, "a depth of " + z, "0 to " + MAX_DEPTH);
      }
    }
    return depth;
  }

  static String name(int index, String ending) {
    return String.format(Locale.ROOT, "%03d%s", index, ending);
  }

  /** Counts the views from 000 up to the first without an image or a camera. */
  static int countViews(ObjectFiles files) {
    int views = 0;
    while (files.has(name(views, ".png")) && files.has(name(views, ".npy"))) {
      views++;
    }
    return views;
  }

  private static Intrinsics zero123(PngFile image) {
    int width = image.width();
    double focal = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, width).fx();
    return new Intrinsics(focal, focal, width / 2.0, image.height() / 2.0, width, image.height());
  }
}
