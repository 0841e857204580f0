package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.UNetConfig.Attention;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention over the positions of a feature map (Rombach et al. 2022): a group norm, a projection,
 * transformer blocks over the positions as a sequence, a projection back that starts at zero, and a
 * shortcut around all.
 *
 * <p>Inputs: x (N, C, H, W) and the image tokens (N, S, T). Output: (N, C, H, W).
 */
final class SpatialTransformer extends NetworkBlock {

  private final int channels;
  private final Enter enter;
  private final List<TransformerBlock> blocks = new ArrayList<>();
  private final Leave leave;

  /**
   * @param channels C
   * @param depth transformer blocks, one after another
   * @param attention the heads, the tokens' width T, the projections and the norm
   * @param tokens S that it is made for
   */
  SpatialTransformer(int channels, int depth, Attention attention, int tokens) {
    this.channels = channels;
    enter = addChildBlock("enter", new Enter(channels, attention));
    int heads = attention.heads().count(channels);
    for (int i = 0; i < depth; i++) {
      blocks.add(
          addChildBlock(
              "block" + i,
              new TransformerBlock(channels, attention.contextChannels(), heads, tokens)));
    }
    leave = addChildBlock("leave", new Leave(channels, attention));
  }

  NDArray apply(ParameterStore store, NDManager manager, NDArray x, NDArray tokens) {
    NDArray h = enter.apply(store, manager, x);
    for (TransformerBlock block : blocks) {
      h = block.apply(store, manager, h, tokens);
    }
    return leave.apply(store, manager, h, x);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    try (NDManager manager = inputs.get(0).getManager().newSubManager()) {
      NDArray result = apply(store, manager, inputs.get(0), inputs.get(1));
      result.attach(inputs.get(0).getManager());
      return new NDList(result);
    }
  }

  /**
   * Multiply-adds of one sample on a grid of {@code side}² positions with {@code tokens} tokens.
   */
  long multiplyAdds(long side, long tokens) {
    long positions = side * side;
    return enter.multiplyAddsAt(positions)
        + leave.multiplyAddsAt(positions)
        + blocks.stream().mapToLong(b -> b.multiplyAdds(positions, tokens)).sum();
  }

  /**
   * Counts what one sample keeps of a residual block, whose count is given, and of this after it.
   */
  ActivationCount activationsAfter(ActivationCount block, long side, long tokens) {
    long positions = side * side;
    // The block's result, the norm, the sequence; and each transformer's result.
    long inside = block.inside() + (3L + blocks.size()) * channels * positions;
    long matrices = 0;
    for (TransformerBlock transformer : blocks) {
      inside += transformer.kept(positions, tokens);
      matrices += transformer.matrices(positions, tokens);
    }
    return new ActivationCount(
        block.level(),
        inside,
        0,
        matrices,
        block.result(),
        block.resultKept(),
        Math.max(block.widest(), blocks.get(0).widest(positions)),
        block.weights() + Weights.count(this));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }

  /** (N, C, H, W) to the sequence (N, H·W, C). */
  private static final class Enter extends FusedBlock {
    Enter(int channels, Attention attention) {
      norm("norm", channels);
      Norm norm = attention.norm();
      String normed = groupNorm("x", norm.groups(), "norm", norm.epsilon());
      define(
          "x",
          attention.linearProjection()
              ? ("h = " + sequence(normed) + "\n")
                  + ("return " + linear("in", 1, channels, channels).of("h"))
              : "return " + sequence(convolution("in", 1, channels, channels, 1).of(normed)));
    }

    private static String sequence(String map) {
      return "torch.transpose(torch.flatten(" + map + ", 2), 1, 2)";
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      Shape x = inputShapes[0];
      return new Shape[] {new Shape(x.get(0), x.get(2) * x.get(3), x.get(1))};
    }
  }

  /** The sequence (N, H·W, C) added to the feature map (N, C, H, W) it came from. */
  private static final class Leave extends FusedBlock {
    Leave(int channels, Attention attention) {
      define(
          "h, x",
          attention.linearProjection()
              ? ("y = torch.transpose(" + linear("out", 0, channels, channels).of("h") + ", 1, 2)")
                  + "\nreturn x + torch.reshape(y, torch.size(x))"
              : "y = torch.reshape(torch.transpose(h, 1, 2), torch.size(x))\n"
                  + ("return x + " + convolution("out", 0, channels, channels, 1).of("y")));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {inputShapes[1]};
    }
  }
}
