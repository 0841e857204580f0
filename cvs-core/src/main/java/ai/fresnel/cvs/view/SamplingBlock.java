package ai.fresnel.cvs.view;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.djl.util.passthrough.PassthroughNDManager;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.SharedArrays;
import ai.fresnel.cvs.torch.TorchFunction;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A network with its {@link ViewSampler} as one block, whose forward draws finished images: what
 * DJL's {@code Predictor} calls.
 *
 * <p>Inputs: photographs (M, 3, S, S) in [-1, 1]; for each of N images which photograph, (N) int64;
 * pose features (N, 16); seeds (N) int64; network passes (N) int64, 0 for what suits the model;
 * guidance (N) and temperature (N), 0 to 1, NaN for the model's own. Output: (N, 3, S, S), not
 * clipped; M and N may be 0. Rows of equal passes, guidance and temperature go through the network
 * together.
 *
 * <p>Inputs may be in Java's memory ({@link PassthroughNDManager}); then so is the output. That is
 * how a predictor is safe from being closed while it draws: none of its arrays is libtorch's.
 */
public final class SamplingBlock extends NetworkBlock {

  private static final TorchFunction ROWS =
      TorchFunction.of("x: Tensor, i: Tensor", "return torch.index_select(x, 0, i)");

  private final ViewSampler sampler;
  private final ModelConfig config;
  private final SharedArrays weights;

  private SamplingBlock(ViewModel network, SharedArrays weights) {
    this.weights = weights;
    addChildBlock("network", network);
    sampler = ViewSampler.of(network);
    config = network.config();
  }

  /**
   * Wraps a network.
   *
   * @param network an initialised network for RGB images
   * @param weights its parameters; a forward pass after they are closed throws {@link
   *     IllegalStateException}
   * @return the block
   */
  public static SamplingBlock of(ViewModel network, SharedArrays weights) {
    return new SamplingBlock(network, weights);
  }

  /**
   * Returns the configuration of the network.
   *
   * @return the configuration
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Refuses settings that a forward pass would refuse, for all rows of it.
   *
   * @param steps network passes, 0 for what suits the model
   * @param guidance the weight of guidance; empty for the model's own
   * @param temperature the factor of the first noise; empty for the model's own
   * @throws IllegalArgumentException if the model cannot draw with them
   */
  public void requireSettings(int steps, OptionalDouble guidance, OptionalDouble temperature) {
    float weight = (float) guidance.orElse(Double.NaN);
    float factor = (float) temperature.orElse(Double.NaN);
    new Settings(steps, weight, factor).of(sampler).requireSteps(steps);
  }

  /** Settings that all rows of a batch of the sampler share. */
  private record Settings(long steps, float guidance, float temperature) {

    ViewSampler of(ViewSampler sampler) {
      ViewSampler guided = Float.isNaN(guidance) ? sampler : sampler.withGuidance(guidance);
      return Float.isNaN(temperature) ? guided : guided.withTemperature(temperature);
    }
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    long[] photographs = inputs.get(1).toLongArray();
    long[] seeds = inputs.get(3).toLongArray();
    long[] steps = inputs.get(4).toLongArray();
    float[] guidance = inputs.get(5).toFloatArray();
    float[] temperatures = inputs.get(6).toFloatArray();
    Map<Settings, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < seeds.length; i++) {
      Settings settings = new Settings(steps[i], guidance[i], temperatures[i]);
      groups.computeIfAbsent(settings, s -> new ArrayList<>()).add(i);
    }
    NDManager owner = inputs.get(0).getManager();
    if (seeds.length == 0) {
      return new NDList(owner.create(new float[0], getOutputShapes(inputs.getShapes())[0]));
    }
    try (SharedArrays.Use use = weights.use()) {
      NDManager manager = use.manager();
      PhotographCode code = sampler.encode(handle(manager, inputs.get(0)));
      NDArray cameras = handle(manager, inputs.get(2));
      NDList drawn = new NDList();
      long[] place = new long[seeds.length];
      int at = 0;
      for (Map.Entry<Settings, List<Integer>> group : groups.entrySet()) {
        long[] rows = group.getValue().stream().mapToLong(Integer::longValue).toArray();
        long[] owners = new long[rows.length];
        long[] own = new long[rows.length];
        for (int i = 0; i < rows.length; i++) {
          owners[i] = photographs[(int) rows[i]];
          own[i] = seeds[(int) rows[i]];
          place[(int) rows[i]] = at++;
        }
        NDArray photograph = manager.create(owners);
        PhotographCode codes = code.map(x -> ROWS.call(manager, new NDList(x, photograph)));
        NDArray poses = ROWS.call(manager, new NDList(cameras, manager.create(rows)));
        drawn.add(
            group
                .getKey()
                .of(sampler)
                .sample(codes, poses, own, Math.toIntExact(group.getKey().steps())));
      }
      NDArray all = drawn.size() == 1 ? drawn.get(0) : NDArrays.concat(drawn, 0);
      NDArray ordered = ROWS.call(manager, new NDList(all, manager.create(place)));
      if (owner instanceof PassthroughNDManager) {
        return new NDList(
            owner.create(FloatBuffer.wrap(ordered.toFloatArray()), ordered.getShape()));
      }
      ordered.attach(owner);
      return new NDList(ordered);
    }
  }

  /** Returns a handle of an input that the manager owns. */
  private static NDArray handle(NDManager manager, NDArray input) {
    if (input.getManager() instanceof PassthroughNDManager) {
      return manager.from(input);
    }
    NDArray handle = input.reshape(input.getShape());
    handle.attach(manager);
    return handle;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    int side = config.imageSize();
    return new Shape[] {
      new Shape(inputShapes[1].get(0), config.codec().imageChannels(), side, side)
    };
  }
}
