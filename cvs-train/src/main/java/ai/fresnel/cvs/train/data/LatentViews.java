package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.codec.LatentCodec;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latents of a view set on disk, encoded once: one safetensors file an object, with the
 * autoencoder's checksum. An encoding that was cut off goes on where it was. For one thread.
 */
public final class LatentViews implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LatentViews.class);

  private static final String LATENTS = "latents";
  private static final String AUTOENCODER = "autoencoder";
  private static final String OBJECT = "object";

  /** Files that are mapped at once. */
  private static final int OPEN = 256;

  private final Path folder;
  private final Shape latent;
  private final Map<Integer, Safetensors> open = new LinkedHashMap<>(16, 0.75f, true);

  private LatentViews(Path folder, Shape latent) {
    this.folder = folder;
    this.latent = latent;
  }

  /**
   * Encodes the views of some objects that are not encoded yet.
   *
   * @param folder where their files are, or will be
   * @param set the view set
   * @param ids the objects, in the order of {@link ViewPair#object}
   * @param codec the autoencoder, with its values
   * @param parent owns what is computed, on the autoencoder's device
   * @return the latents
   * @throws IOException if a view cannot be read, or a file cannot be read or written
   * @throws IllegalArgumentException if the folder has latents of another autoencoder
   */
  public static LatentViews encode(
      Path folder, ViewSet set, List<String> ids, LatentCodec codec, NDManager parent)
      throws IOException {
    Files.createDirectories(folder);
    String checksum = checksum(codec);
    int side = set.object(ids.get(0)).read(0).intrinsics().width();
    Shape latent = codec.stateShape(new Shape(3, side, side));
    int encoded = 0;
    for (int i = 0; i < ids.size(); i++) {
      ViewObject object = set.object(ids.get(i));
      Path file = file(folder, i);
      Shape expected = new Shape(object.size()).addAll(latent);
      if (Files.exists(file) && isOf(file, object.id(), checksum, expected)) {
        continue;
      }
      if (encoded++ == 0) {
        LOG.info("encoding the views of {} objects once, into {}", ids.size() - i, folder);
      }
      encode(file, object, codec, checksum, parent);
    }
    return new LatentViews(folder, latent);
  }

  private static Path file(Path folder, int object) {
    return folder.resolve(String.format(Locale.ROOT, "%07d.safetensors", object));
  }

  private static boolean isOf(Path file, String id, String checksum, Shape expected)
      throws IOException {
    try (Safetensors found = Safetensors.open(file)) {
      String its = found.metadata().get(AUTOENCODER);
      if (!checksum.equals(its)) {
        throw new IllegalArgumentException(
            file + " has latents of another autoencoder, expected the one the run began with");
      }
      return id.equals(found.metadata().get(OBJECT))
          && found.names().contains(LATENTS)
          && expected.equals(found.shape(LATENTS));
    } catch (ModelFormatException e) {
      LOG.warn("{}; the object is encoded again", e.getMessage());
      return false;
    }
  }

  private static void encode(
      Path file, ViewObject object, LatentCodec codec, String checksum, NDManager parent)
      throws IOException {
    try (NDManager manager = parent.newSubManager()) {
      int views = object.size();
      float[] images = null;
      int side = 0;
      for (int i = 0; i < views; i++) {
        View view = object.read(i);
        float[] image = view.onWhite();
        side = view.intrinsics().width();
        images = images == null ? new float[views * image.length] : images;
        System.arraycopy(image, 0, images, i * image.length, image.length);
      }
      NDArray latents = codec.encode(manager.create(images, new Shape(views, 3, side, side)));
      AtomicFiles.write(
          file,
          Safetensors.content(
              Map.of(LATENTS, latents), Map.of(AUTOENCODER, checksum, OBJECT, object.id())));
    }
  }

  /** SHA-256 of names and values. */
  private static String checksum(LatentCodec codec) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new TreeMap<>(Weights.arrays(codec))
          .forEach(
              (name, array) -> {
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                digest.update(array.toByteBuffer());
              });
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Adds the latents of its views to a batch.
   *
   * @param manager owns them
   * @param batch a batch without augmentation
   * @param pairs its pairs
   * @return the batch with its states
   */
  public TrainingBatch addTo(NDManager manager, TrainingBatch batch, List<ViewPair> pairs) {
    int views = batch.viewsPerSource();
    int size = Math.toIntExact(latent.size());
    float[] sources = new float[pairs.size() / views * size];
    float[] targets = new float[pairs.size() * size];
    for (int i = 0; i < pairs.size(); i++) {
      ViewPair pair = pairs.get(i);
      FloatBuffer all = latents(pair.object());
      if (i % views == 0) {
        all.get(pair.source() * size, sources, i / views * size, size);
      }
      all.get(pair.target() * size, targets, i * size, size);
    }
    return batch.withStates(
        manager.create(sources, new Shape(pairs.size() / views).addAll(latent)),
        manager.create(targets, new Shape(pairs.size()).addAll(latent)));
  }

  private FloatBuffer latents(int object) {
    try {
      Safetensors file = open.get(object);
      if (file == null) {
        if (open.size() == OPEN) {
          open.remove(open.keySet().iterator().next()).close();
        }
        file = Safetensors.open(file(folder, object));
        open.put(object, file);
      }
      return file.bytes(LATENTS).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (Safetensors file : open.values()) {
      file.close();
    }
    open.clear();
  }
}
