package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.encoder.DinoV2;

/**
 * Projects a frozen encoder's features to the width of the tokens and adds them.
 *
 * <p>Inputs: the tokens (N, S, T) and the features (N, S, in). Output: (N, S, T).
 */
public final class TokenProjection extends FusedBlock {

  private final int in;
  private final int out;

  /**
   * Makes the projection, without values.
   *
   * @param in width of the encoder's features
   * @param out width of the tokens
   */
  public TokenProjection(int in, int out) {
    this.in = in;
    this.out = out;
    Product projection = linear("linear", 1, in, out);
    define("tokens, features", "return tokens + " + projection.of("features"));
  }

  /**
   * Counts multiply-adds of one photograph.
   *
   * @return how many
   */
  public long multiplyAdds() {
    return multiplyAddsAt(DinoV2.TOKENS);
  }

  /**
   * Counts what training keeps of one sample.
   *
   * @return the count
   */
  public ActivationCount activations() {
    long features = (long) in * DinoV2.TOKENS;
    long tokens = (long) out * DinoV2.TOKENS;
    return new ActivationCount(-1, 0, features + tokens, 0, 0, false, features, 0);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
