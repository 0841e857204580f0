package ai.fresnel.cvs.codec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.PartConfig;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * A frozen autoencoder as a codec: RGB images (N, 3, S, S) to latents (N, C, S/f, S/f). Encoding
 * records no gradient; through decoding gradients reach the states.
 *
 * <p>As a DJL block it encodes and decodes: (N, 3, S, S) to (N, 3, S, S).
 */
public abstract class LatentCodec extends NetworkBlock implements StateCodec {

  /** The most pixels that are in work at once: their maps take half a gigabyte and more. */
  private static final long MAX_PIXELS = 8L * 256 * 256;

  /** Channels of an image. */
  static final int IMAGE_CHANNELS = 3;

  private final AutoencoderConfig config;
  private final Precision precision;
  private Optional<LatentCodec> decoder = Optional.empty();

  /** The encoder or the decoder, which compute in the precision of their input. */
  @FunctionalInterface
  private interface Half {
    NDArray apply(ParameterStore store, NDManager manager, NDArray x);
  }

  /**
   * Makes the codec.
   *
   * @param config its shape
   * @param precision the type it computes in; states and images are float32
   */
  LatentCodec(AutoencoderConfig config, Precision precision) {
    this.config = config;
    this.precision = precision;
  }

  /**
   * Makes the autoencoder of a configuration, without values.
   *
   * @param config its shape
   * @param precision the type it computes in
   * @return the codec
   */
  static LatentCodec of(AutoencoderConfig config, Precision precision) {
    if (config instanceof AutoencoderConfig.KlVae kl) {
      return new KlVae(kl, precision);
    }
    return new TinyVae((AutoencoderConfig.Taesd) config, precision);
  }

  /**
   * Loads an imported autoencoder.
   *
   * @param folder the open folder of a KL-VAE or a TAESD; may be closed afterwards
   * @param manager will own the weights, on its device
   * @param precision the type it computes in
   * @return the codec
   * @throws IllegalArgumentException if the folder holds another part
   * @throws IOException if the weights are not those of the shape, or cannot be read
   */
  public static LatentCodec load(PartFolder folder, NDManager manager, Precision precision)
      throws IOException {
    if (folder.config() instanceof PartConfig.Autoencoder autoencoder) {
      LatentCodec codec = of(autoencoder.shape(), precision);
      Weights.initialize(codec, manager, 0);
      folder.load(Weights.arrays(codec));
      return codec;
    }
    throw new IllegalArgumentException(
        folder.path() + " holds " + folder.config().name() + ", expected a KL-VAE or a TAESD");
  }

  /**
   * Decodes with another autoencoder of the same latents from now on, such as a TAESD in place of
   * the autoencoder that it imitates. Encoding stays as it is.
   *
   * @param other has its values, on the same device
   * @throws IllegalArgumentException if its latents have other channels or another size
   */
  public final void decodeBy(LatentCodec other) {
    if (other.config.latentChannels() != config.latentChannels()
        || other.config.factor() != config.factor()) {
      throw new IllegalArgumentException(
          "decodes latents of " + other.latents() + ", expected " + latents());
    }
    decoder = Optional.of(other);
  }

  private String latents() {
    return config.latentChannels() + " channels and 1/" + config.factor() + " of an image's side";
  }

  /**
   * Returns the shape of the autoencoder.
   *
   * @return its configuration
   */
  public final AutoencoderConfig config() {
    return config;
  }

  /** {@inheritDoc} */
  @Override
  public final void narrow() {
    Weights.narrow(this, precision);
    decoder.ifPresent(LatentCodec::narrow);
  }

  /** Runs the encoder on images in the precision; the manager owns the result. */
  abstract NDArray encode(ParameterStore store, NDManager manager, NDArray images);

  /** Runs the decoder on states in the precision; the manager owns the result. */
  abstract NDArray decode(ParameterStore store, NDManager manager, NDArray states);

  /** {@inheritDoc} */
  @Override
  @SuppressWarnings("try") // the handle of the gradient mode is only closed
  public final NDArray encode(NDArray images) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      return run(this::encode, images, images.getShape().get(2));
    }
  }

  /** {@inheritDoc} */
  @Override
  public final NDArray decode(NDArray states) {
    if (decoder.isPresent()) {
      return decoder.get().decode(states);
    }
    return run(this::decode, states, states.getShape().get(2) * config.factor());
  }

  /**
   * Returns how many images are in work at once.
   *
   * @param imageSize S
   * @return 1 or more
   */
  public static int piece(int imageSize) {
    return (int) Math.max(1, MAX_PIXELS / ((long) imageSize * imageSize));
  }

  /**
   * Counts the numbers that are held while one image is encoded or decoded.
   *
   * @param imageSize S
   * @return the larger of both counts
   */
  public abstract long workingNumbers(int imageSize);

  /** Runs so many samples at once as have no more than so many pixels as images. */
  private NDArray run(Half half, NDArray x, long imageSize) {
    int most = piece(Math.toIntExact(imageSize));
    long n = x.getShape().get(0);
    if (n <= most) {
      return run(half, x);
    }
    NDManager owner = x.getManager();
    try (NDManager manager = owner.newSubManager()) {
      NDList parts = new NDList();
      for (long first = 0; first < n; first += most) {
        NDIndex rows = new NDIndex().addSliceDim(first, Math.min(n, first + most));
        parts.add(run(half, x.get(manager, rows)));
      }
      NDArray all = NDArrays.concat(parts);
      all.attach(owner);
      return all;
    }
  }

  private NDArray run(Half half, NDArray x) {
    NDManager owner = x.getManager();
    try (NDManager manager = owner.newSubManager()) {
      NDArray narrow = precision.narrow(manager, x);
      NDArray result = half.apply(new ParameterStore(owner, false), manager, narrow);
      NDArray wide = precision.widen(manager, result);
      wide.attach(owner);
      return wide;
    }
  }

  /** {@inheritDoc} */
  @Override
  public final Shape stateShape(Shape image) {
    int factor = config.factor();
    return new Shape(config.latentChannels(), image.get(1) / factor, image.get(2) / factor);
  }

  /** {@inheritDoc} */
  @Override
  public abstract Map<String, Long> multiplyAdds(int imageSize);

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(decode(encode(inputs.get(0))));
  }

  @Override
  public final Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
