package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;

/**
 * Zero123's {@code cc_projection} (Liu et al. 2023): an image's embedding and four numbers of the
 * camera move as the one token that the U-Net reads.
 *
 * <p>Inputs: the embedding (N, E) and the move (N, 4). Output: (N, 1, T).
 */
public final class CameraProjection extends FusedBlock {

  /** Numbers of a move. */
  public static final int MOVE = 4;

  private final int in;
  private final int out;

  /**
   * Makes the projection, without values.
   *
   * @param in width E of the embedding
   * @param out width T of the token
   */
  public CameraProjection(int in, int out) {
    this.in = in;
    this.out = out;
    Product projection = product(Product.linear("projection", in + (long) MOVE, out).ofVector());
    String joined = "torch.cat([embedding, move], 1)";
    define("embedding, move", "return torch.unsqueeze(" + projection.of(joined) + ", 1)");
  }

  /**
   * Returns the shape of the first input.
   *
   * @param n N
   * @return (N, E)
   */
  public Shape embeddingShape(long n) {
    return new Shape(n, in);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), 1, out)};
  }
}
