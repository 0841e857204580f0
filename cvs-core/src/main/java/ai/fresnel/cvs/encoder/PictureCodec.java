package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Locale;

/**
 * Between pictures and the states that are diffused: colours are moved away from grey by a factor,
 * and back again.
 *
 * <p>Pictures differ far more in brightness than in colour: over the furniture objects the standard
 * deviation along grey is 0.65, across it 0.10 and 0.06. Noise that is equal in red, green and blue
 * therefore hides colours until long after the brightness is settled, down to levels at which a
 * network looks at a few pixels only; what it paints there is mottled. With the gain both are
 * decided together. The map is {@code grey + gain · (x − grey)} with the channels' mean as grey:
 * one symmetric matrix, whose inverse is the same map with 1 / gain. With gain 1 it is the
 * identity.
 */
public final class PictureCodec {

  private final TorchFunction encode;
  private final TorchFunction decode;

  private PictureCodec(double gain) {
    encode = gain == 1 ? null : map(gain);
    decode = gain == 1 ? null : map(1 / gain);
  }

  /**
   * Makes the codec a configuration asks for.
   *
   * @param config its {@code chromaGain} counts
   * @return the codec
   */
  public static PictureCodec of(ModelConfig config) {
    return new PictureCodec(config.codec().chromaGain());
  }

  private static TorchFunction map(double gain) {
    return TorchFunction.of(
        "x: Tensor",
        String.format(
            Locale.ROOT,
            "m = torch.mean(x, [1], True)%nreturn m + (x - m) * %s",
            Double.toString(gain)));
  }

  /**
   * Turns pictures into states.
   *
   * @param pictures (N, C, H, W) in [-1, 1]
   * @return (N, C, H, W), beyond [-1, 1] where a picture is colourful; the argument itself if there
   *     is nothing to do
   */
  public NDArray encode(NDArray pictures) {
    return encode == null ? pictures : encode.call(pictures);
  }

  /**
   * Turns states into pictures.
   *
   * @param states (N, C, H, W)
   * @return (N, C, H, W), not clipped; the argument itself if there is nothing to do
   */
  public NDArray decode(NDArray states) {
    return decode == null ? states : decode.call(states);
  }
}
