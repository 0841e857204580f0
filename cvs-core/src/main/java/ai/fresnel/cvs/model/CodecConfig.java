package ai.fresnel.cvs.model;

import java.util.Optional;

/**
 * The codec between images and diffused states, and the layout of a state for the network.
 *
 * @param imageSize height and width of the image, pixels, 8 to 2048
 * @param channels channels of the diffused image, 1 to 64 (3 for RGB); those of a latent if there
 *     is an autoencoder
 * @param chromaGain gain of the distance of colours from grey in the diffused image, 1 (unchanged)
 *     to 16; 1 unless there are 3 channels. See {@link ai.fresnel.cvs.codec.ChromaCodec}
 * @param fold factor of the pixel unshuffle before the network's first convolution, a power of two,
 *     1 to 32; {@code channels · fold²} is at most 8192
 * @param autoencoder makes latents of RGB images, which are diffused; empty = images are diffused
 */
public record CodecConfig(
    int imageSize,
    int channels,
    double chromaGain,
    int fold,
    Optional<AutoencoderConfig> autoencoder) {

  private static final int RGB = 3;

  /**
   * Checks the settings.
   *
   * @param imageSize as above
   * @param channels as above
   * @param chromaGain as above
   * @param fold as above
   * @param autoencoder as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public CodecConfig {
    Checks.range("imageSize", imageSize, 8, 2048);
    Checks.range("channels", channels, 1, 64);
    Checks.range("chromaGain", chromaGain, 1, 16);
    Checks.check(
        chromaGain == 1 || channels == 3,
        "chromaGain",
        chromaGain,
        "1 where channels is " + channels);
    Checks.range("fold", fold, 1, 32);
    Checks.check(Integer.bitCount(fold) == 1, "fold", fold, "a power of two");
    Checks.range("channels · fold²", (long) channels * fold * fold, 1, Checks.MAX_WIDTH);
    Checks.present("autoencoder", autoencoder);
    autoencoder.ifPresent(latent -> checkLatent(latent, imageSize, channels, chromaGain));
  }

  private static void checkLatent(
      AutoencoderConfig autoencoder, int imageSize, int channels, double chromaGain) {
    int factor = autoencoder.factor();
    Checks.check(
        channels == autoencoder.latentChannels(),
        "channels",
        channels,
        "autoencoder.latentChannels, which is " + autoencoder.latentChannels());
    Checks.check(chromaGain == 1, "chromaGain", chromaGain, "1 where there is an autoencoder");
    Checks.check(
        imageSize % factor == 0, "imageSize", imageSize, "a multiple of " + factor + " pixels");
  }

  /**
   * Makes settings without an autoencoder.
   *
   * @param imageSize as above
   * @param channels as above
   * @param chromaGain as above
   * @param fold as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public CodecConfig(int imageSize, int channels, double chromaGain, int fold) {
    this(imageSize, channels, chromaGain, fold, Optional.empty());
  }

  /**
   * Returns the settings of unchanged, unfolded RGB images.
   *
   * @param imageSize height and width, pixels
   * @return the settings
   */
  public static CodecConfig rgb(int imageSize) {
    return new CodecConfig(imageSize, 3, 1, 1);
  }

  /**
   * Returns the number of channels of a folded state.
   *
   * @return {@code channels · fold²}
   */
  public int foldedChannels() {
    return channels * fold * fold;
  }

  /**
   * Returns the number of channels of an image.
   *
   * @return 3 if there is an autoencoder, else {@code channels}
   */
  public int imageChannels() {
    return autoencoder.isPresent() ? RGB : channels;
  }

  /**
   * Returns the height and width of a state before it is folded.
   *
   * @return {@code imageSize}, divided by the autoencoder's factor if there is one
   */
  public int stateSize() {
    return imageSize / autoencoder.map(AutoencoderConfig::factor).orElse(1);
  }

  /**
   * Returns these settings with another size.
   *
   * @param value pixels a side
   * @return the settings
   */
  public CodecConfig withImageSize(int value) {
    return new CodecConfig(value, channels, chromaGain, fold, autoencoder);
  }

  /**
   * Returns these settings with another number of channels.
   *
   * @param value channels
   * @return the settings
   */
  public CodecConfig withChannels(int value) {
    return new CodecConfig(imageSize, value, chromaGain, fold, autoencoder);
  }

  /**
   * Returns these settings with another gain of colours.
   *
   * @param value the gain
   * @return the settings
   */
  public CodecConfig withChromaGain(double value) {
    return new CodecConfig(imageSize, channels, value, fold, autoencoder);
  }

  /**
   * Returns these settings with another factor of the pixel unshuffle.
   *
   * @param value the factor
   * @return the settings
   */
  public CodecConfig withFold(int value) {
    return new CodecConfig(imageSize, channels, chromaGain, value, autoencoder);
  }

  /**
   * Returns these settings with an autoencoder: its latents are diffused as they are.
   *
   * @param value the autoencoder
   * @return the settings, with its number of channels and without chroma gain
   */
  public CodecConfig withAutoencoder(AutoencoderConfig value) {
    return new CodecConfig(imageSize, value.latentChannels(), 1, fold, Optional.of(value));
  }
}
