package ai.fresnel.cvs.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.ArrayTest;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the adapter of a network with a product of each kind, in double precision. */
@SuppressWarnings("try") // the handles of a gradient mode and of a switch are only closed
class LoraTest extends ArrayTest {

  /** Convolutions of an image (N, 3, 8, 8) to a row of (N, 6): strides 1, 2 and patches. */
  private static final class Maps extends FusedBlock {
    Maps() {
      Product keep = product(Product.convolution("keep", 3, 4, 3));
      Product half = product(Product.convolution("half.ed", 4, 5, 3).halving().withoutBias());
      Product patches = product(Product.convolution("patches", 5, 6, 4).ofPatches());
      norm("norm", 5);
      define(
          "x",
          "h = torch.silu("
              + keep.of("x")
              + ")\nh = "
              + half.of("h * 2.")
              + "\nh = "
              + groupNorm("h", 1, "norm")
              + "\nreturn torch.flatten("
              + patches.of("torch.tanh(h)")
              + ", 1)");
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {new Shape(inputShapes[0].get(0), 6)};
    }
  }

  /** Matrix products of rows (N, 6): one alone, a stack of three, one used twice and nested. */
  private static final class Rows extends FusedBlock {
    Rows() {
      Product alone = product(Product.linear("alone", 6, 4));
      Product stack = product(Product.linear("stack", 4, 6).withoutBias().stacked(3));
      Product twice = product(Product.linear("twice", 6, 6).stacked(2));
      define(
          "x",
          "h = "
              + stack.of("torch.tanh(" + alone.of("x") + ")")
              + "\nreturn "
              + twice.of("torch.tanh(" + twice.of("(h + x)") + ")"));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  /** Its product reads the data. */
  private static final class First extends FusedBlock {
    First() {
      define("x", "return " + convolution("conv", 1, 3, 3, 1).of("x"));
    }

    @Override
    protected boolean isHidden() {
      return false;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  private static final class Network extends NetworkBlock {
    private final First first = addChildBlock("first", new First());
    private final Maps maps = addChildBlock("maps", new Maps());
    private final Rows rows = addChildBlock("rows", new Rows());

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDManager owner = inputs.head().getManager();
      NDArray h = first.apply(store, owner, inputs.head());
      h = maps.apply(store, owner, h);
      return new NDList(rows.apply(store, owner, h));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {new Shape(inputShapes[0].get(0), 6)};
    }
  }

  private static final List<String> ADAPTED =
      List.of(
          "maps.keep", "maps.half.ed", "maps.patches", "rows.alone", "rows.stack", "rows.twice");

  private static final LoraConfig CONFIG = new LoraConfig(2, 3);

  private final Random random = new Random(1);
  private Network network;
  private NDArray x;

  @BeforeEach
  void open() {
    network = network();
    fill(Weights.parameters(network));
    x = manager.create(random.doubles(2 * 3 * 64, -1, 1).toArray(), new Shape(2, 3, 8, 8));
  }

  private Network network() {
    Network made = new Network();
    made.initialize(manager, DataType.FLOAT64, new Shape(1));
    Weights.parameters(made).values().forEach(parameter -> parameter.getArray().setName(null));
    return made;
  }

  private void fill(Map<String, Parameter> parameters) {
    parameters.forEach(
        (name, parameter) -> {
          double[] values = random.doubles(parameter.getShape().size(), -0.5, 0.5).toArray();
          parameter.getArray().set(DoubleBuffer.wrap(values));
        });
  }

  private Lora attach() {
    return Lora.attach(network, CONFIG, manager, 5);
  }

  private double[] run(Network of) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      return of.forward(new ParameterStore(manager, false), new NDList(x), true)
          .head()
          .toDoubleArray();
    }
  }

  @Test
  void aNewAdapterChangesNothing() {
    double[] before = run(network);
    attach();
    assertArrayEquals(before, run(network));
  }

  @Test
  void allProductsBetweenHiddenStatesAreAdapted() {
    Lora lora = attach();
    assertEquals(ADAPTED, List.copyOf(lora.configs().keySet()));
    assertEquals(
        List.of("maps.keep.lora_down", "maps.keep.lora_up"),
        List.copyOf(lora.parameters().keySet()).subList(0, 2));
    assertEquals(List.of(1, 1, 1, 1, 3, 2), ADAPTED.stream().map(lora::parts).toList());
    Map<String, Shape> shapes = new HashMap<>();
    lora.parameters().forEach((name, parameter) -> shapes.put(name, parameter.getShape()));
    assertEquals(new Shape(2, 4, 3, 3), shapes.get("maps.half.ed.lora_down"));
    assertEquals(new Shape(5, 2, 1, 1), shapes.get("maps.half.ed.lora_up"));
    assertEquals(new Shape(6, 4), shapes.get("rows.stack.lora_down"));
    assertEquals(new Shape(6, 2), shapes.get("rows.stack.lora_up"));
  }

  /** The network's own parameters are what they were, and only the adapter's are trained. */
  @Test
  void theAdapterAloneIsTrained() {
    List<String> own = List.copyOf(Weights.parameters(network).keySet());
    assertEquals(own, List.copyOf(Weights.trainable(network).keySet()));
    Lora lora = attach();
    assertEquals(own, List.copyOf(Weights.parameters(network).keySet()));
    assertEquals(lora.parameters().keySet(), Weights.trainable(network).keySet());
    assertEquals(lora.parameters().keySet(), Weights.adapters(network).keySet());
    assertTrue(Weights.hidden(network).isEmpty());
    long count = lora.parameters().values().stream().mapToLong(p -> p.getShape().size()).sum();
    assertEquals(count, Weights.trainableCount(network));
    Weights.arrays(network).values().forEach(array -> assertFalse(array.hasGradient()));
    Weights.trainable(network).values().forEach(array -> assertTrue(array.hasGradient()));
    lora.detach();
    assertEquals(own, List.copyOf(Weights.trainable(network).keySet()));
  }

  /** W + scale·up·down by loops, in a network without an adapter. */
  @Test
  void deltasAddUpAndDownToTheWeights() {
    Lora lora = attach();
    fill(lora.parameters());
    Network merged = network();
    for (String name : Weights.parameters(network).keySet()) {
      Weights.arrays(merged).get(name).set(values(Weights.arrays(network).get(name)));
    }
    for (String path : ADAPTED) {
      NDArray weight = Weights.arrays(merged).get(path + ".weight");
      weight.set(DoubleBuffer.wrap(slowSum(lora, path, weight)));
    }
    assertArrayEquals(run(merged), run(network), 1e-12);
    lora.merge();
    assertFalse(lora.isOn());
    assertArrayEquals(run(merged), run(network), 1e-12);
  }

  private static DoubleBuffer values(NDArray array) {
    return DoubleBuffer.wrap(array.toDoubleArray());
  }

  private static double[] slowSum(Lora lora, String path, NDArray weight) {
    double[] sum = weight.toDoubleArray();
    double[] down = lora.parameters().get(path + ".lora_down").getArray().toDoubleArray();
    double[] up = lora.parameters().get(path + ".lora_up").getArray().toDoubleArray();
    int rank = CONFIG.rank();
    int out = (int) weight.getShape().get(0);
    int in = sum.length / out;
    int outOfPart = out / lora.parts(path);
    for (int o = 0; o < out; o++) {
      int part = o / outOfPart;
      for (int i = 0; i < in; i++) {
        for (int r = 0; r < rank; r++) {
          sum[o * in + i] += 1.5 * up[o * rank + r] * down[(part * rank + r) * in + i];
        }
      }
    }
    return sum;
  }

  @Test
  void switchedOffTheNetworkIsItsTeacher() throws InterruptedException {
    double[] teacher = run(network);
    Lora lora = attach();
    fill(lora.parameters());
    double[] student = run(network);
    assertFalse(Arrays.equals(teacher, student));
    double[][] elsewhere = new double[1][];
    try (Lora.Off off = lora.off();
        Lora.Off again = lora.off()) {
      assertFalse(lora.isOn());
      assertArrayEquals(teacher, run(network));
      Thread other = new Thread(() -> elsewhere[0] = run(network));
      other.start();
      other.join();
    }
    assertArrayEquals(student, elsewhere[0]);
    assertTrue(lora.isOn());
    assertArrayEquals(student, run(network));
    lora.detach();
    assertArrayEquals(teacher, run(network));
  }

  @Test
  void unmergingRestoresEveryBit() {
    Lora lora = attach();
    fill(lora.parameters());
    List<double[]> before = arrays();
    double[] student = run(network);
    lora.merge();
    assertThrows(IllegalStateException.class, lora::merge);
    assertThrows(IllegalStateException.class, lora::off);
    assertFalse(Arrays.equals(before.get(2), arrays().get(2)));
    lora.unmerge();
    List<double[]> after = arrays();
    for (int i = 0; i < before.size(); i++) {
      assertArrayEquals(before.get(i), after.get(i));
    }
    assertArrayEquals(student, run(network));
    assertThrows(IllegalStateException.class, lora::unmerge);
  }

  private List<double[]> arrays() {
    List<double[]> all = new ArrayList<>();
    Weights.arrays(network).values().forEach(array -> all.add(array.toDoubleArray()));
    return all;
  }

  /** Of the sum of squares of the output, against finite differences. */
  @Test
  void gradientsAreRight() {
    Lora lora = attach();
    fill(lora.parameters());
    try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
      NDArray y = network.forward(new ParameterStore(manager, false), new NDList(x), true).head();
      collector.backward(y.square().sum());
    }
    lora.parameters()
        .forEach(
            (name, parameter) -> {
              NDArray array = parameter.getArray();
              double[] gradient = array.getGradient().toDoubleArray();
              double[] values = array.toDoubleArray();
              for (int k = 0; k < 4; k++) {
                int i = random.nextInt(values.length);
                double difference =
                    (squares(array, values, i, 1e-6) - squares(array, values, i, -1e-6)) / 2e-6;
                double tolerance = 1e-6 * Math.max(1, Math.abs(difference));
                assertEquals(difference, gradient[i], tolerance, name + " " + i);
              }
            });
  }

  private double squares(NDArray array, double[] values, int at, double step) {
    double[] moved = values.clone();
    moved[at] += step;
    array.set(DoubleBuffer.wrap(moved));
    double sum = Arrays.stream(run(network)).map(v -> v * v).sum();
    array.set(DoubleBuffer.wrap(values));
    return sum;
  }

  @Test
  void firstValuesDependOnSeedAndName() {
    Lora lora = attach();
    double[] first = lora.parameters().get("rows.alone.lora_down").getArray().toDoubleArray();
    lora.detach();
    Lora again =
        Lora.attach(
            network,
            (path, hidden) -> path.equals("rows.alone") ? Optional.of(CONFIG) : Optional.empty(),
            manager,
            5);
    assertEquals(List.of("rows.alone"), List.copyOf(again.configs().keySet()));
    assertArrayEquals(
        first, again.parameters().get("rows.alone.lora_down").getArray().toDoubleArray());
    assertThrows(IllegalArgumentException.class, this::attach);
  }

  @Test
  void badSettingsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new LoraConfig(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new LoraConfig(4, Double.NaN));
    assertThrows(
        IllegalArgumentException.class,
        () -> Lora.attach(network, (path, hidden) -> Optional.empty(), manager, 0));
  }
}
