package ai.fresnel.cvs.block;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the parameters, script and cost of a product. */
class ProductTest {

  /** One product of each kind. */
  private static final class Block extends FusedBlock {

    Block() {
      product(Product.linear("a.b", 3, 5));
      product(Product.linear("c", 3, 5).withoutBias().ofVector());
      product(Product.convolution("d", 2, 4, 3).withoutBias().startingAsIdentity());
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  @Test
  void scripts() {
    assertEquals("torch.linear(x, a_b_weight, a_b_bias)", Product.linear("a.b", 3, 5).of("x"));
    assertEquals("torch.linear(h, q_weight)", Product.linear("q", 3, 5).withoutBias().of("h"));
    Product convolution = Product.convolution("conv", 2, 4, 3);
    assertEquals(
        "torch.conv2d(x, conv_weight, conv_bias, [1, 1], [1, 1], [1, 1], 1)", convolution.of("x"));
    assertEquals(
        "torch.conv2d(x, conv_weight, None, [2, 2], [1, 1], [1, 1], 1)",
        convolution.halving().withoutBias().of("x"));
    assertEquals(
        "torch.conv2d(r, p_weight, p_bias, [14, 14], [0, 0], [1, 1], 1)",
        Product.convolution("p", 3, 8, 14).ofPatches().of("r"));
  }

  @Test
  void aBlockDeclaresAndCountsItsProducts() {
    Block block = new Block();
    assertEquals(
        List.of("a.b.weight", "a.b.bias", "c.weight", "d.weight"),
        List.copyOf(Weights.parameters(block).keySet()));
    assertEquals(new Shape(4, 2, 3, 3), Weights.parameters(block).get("d.weight").getShape());
    assertEquals(List.of("a.b", "c", "d"), block.products().stream().map(Product::name).toList());
    // Ten positions, but the vector once.
    assertEquals(10 * 15 + 15 + 10 * 72, block.multiplyAddsAt(10));
  }
}
