package ai.fresnel.cvs.train.data;

import ai.djl.basicdataset.cv.classification.AbstractImageFolder;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import ai.djl.util.Progress;
import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.train.image.Photographs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A folder of images without cameras, as a DJL image folder whose images are those that networks
 * see: float32 (3, S, S) in [-1, 1], on white where they are transparent. For encoders and for
 * measures that need no pose. They are read as {@link Photographs} are.
 *
 * <p>Classes are the subfolders in the order of their names, as in DJL's {@code ImageFolder}; a
 * folder without subfolders is one class. Images are sorted by path, so that an index always means
 * the same image. A record's data is the image, its label the number of its class.
 *
 * <pre>{@code
 * UnposedImages images =
 *     UnposedImages.builder()
 *         .setRepositoryPath(folder)
 *         .setSize(64)
 *         .setSampling(32, false)
 *         .build();
 * }</pre>
 */
public final class UnposedImages extends AbstractImageFolder {

  private final int size;
  private final Framing framing;
  private final double radius;
  private final Path root;

  private UnposedImages(Builder builder) {
    super(builder);
    size = builder.size;
    framing = builder.framing;
    radius = builder.radius;
    root = Path.of(mrl.getRepository().getBaseUri());
  }

  /**
   * Returns a builder.
   *
   * @return a new builder: whole images, as they are
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Lists the images.
   *
   * @param progress hears nothing: listing is fast
   * @throws IOException if the folder cannot be read or has no image
   */
  @Override
  public void prepare(Progress progress) throws IOException {
    if (prepared) {
      return;
    }
    try (Stream<Path> found = Files.list(root)) {
      found
          .filter(path -> Files.isDirectory(path) && !path.getFileName().toString().startsWith("."))
          .map(path -> path.getFileName().toString())
          .sorted()
          .forEach(synset::add);
    }
    if (synset.isEmpty()) {
      synset.add("");
    }
    listImages(root, synset);
    if (items.isEmpty()) {
      synset.clear();
      throw new IOException(root + ": no images, expected at least 1");
    }
    List<Pair<String, Integer>> sorted =
        items.stream().sorted(Comparator.comparing(Pair::getKey)).toList();
    items = new PairList<>(sorted);
    prepared = true;
  }

  /**
   * Returns an image without DJL's arrays.
   *
   * @param index from 0 to {@link #size()} − 1; call {@link #prepare()} first
   * @return (3, S, S) in [-1, 1]; a new array
   * @throws IOException if it cannot be read or framed
   */
  public float[] image(long index) throws IOException {
    Path file = file(index);
    try {
      return Photographs.read(file).framed(framing, radius, size);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Returns where an image is.
   *
   * @param index from 0 to {@link #size()} − 1
   * @return the file
   */
  public Path file(long index) {
    return getImagePath(items.get(Math.toIntExact(index)).getKey());
  }

  @Override
  protected NDArray getRecordImage(NDManager manager, long index) throws IOException {
    float[] image = image(index);
    NDArray array = manager.create(new Shape(3, size, size));
    array.set(image);
    return array;
  }

  @Override
  protected Path getImagePath(String key) {
    return Path.of(key);
  }

  /** Collects what a data set needs: {@code setX} is required, {@code optX} is not. */
  public static final class Builder extends ImageFolderBuilder<Builder> {

    private int size;
    private Framing framing = Framing.WHOLE;
    private double radius = 1.7;

    private Builder() {}

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Sets the side of the images.
     *
     * @param value S in pixels, 1 or more
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder setSize(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("size is " + value + ", expected 1 or more");
      }
      size = value;
      return optImageSize(value);
    }

    /**
     * Cuts the object of each image out and frames it, where images by default are square and taken
     * whole.
     *
     * @param assumedRadius distance of the camera from the object's middle in object lengths, above
     *     0, which decides how large the object is
     * @return this builder
     */
    public Builder optObjects(double assumedRadius) {
      framing = Framing.OBJECT;
      radius = assumedRadius;
      return this;
    }

    /**
     * Makes the data set.
     *
     * @return the data set; {@link UnposedImages#prepare()} lists its images
     * @throws NullPointerException if the sampling is not set
     * @throws IllegalStateException if the size is not set
     */
    public UnposedImages build() {
      Objects.requireNonNull(getSampler(), "setSampling is required");
      if (size == 0) {
        throw new IllegalStateException("setSize is required");
      }
      return new UnposedImages(this);
    }
  }
}
