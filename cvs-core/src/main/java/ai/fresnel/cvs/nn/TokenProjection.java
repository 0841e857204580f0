package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.encoder.DinoV2;

/** The frozen encoder's features brought to the tokens' width and added to the detail's. */
final class TokenProjection extends FusedBlock {

  private final int in;
  private final int out;

  TokenProjection(int in, int out) {
    this.in = in;
    this.out = out;
    Product projection = linear("linear", 1, in, out);
    define("tokens, features", "return tokens + " + projection.of("features"));
  }

  long multiplyAdds() {
    return multiplyAddsAt(DinoV2.TOKENS);
  }

  KeptNumbers kept() {
    long features = (long) in * DinoV2.TOKENS;
    long tokens = (long) out * DinoV2.TOKENS;
    return new KeptNumbers(-1, 0, features + tokens, 0, 0, false, features, 0);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
