package ai.fresnel.cvs.train.lpips;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * LPIPS, the learned perceptual distance (Zhang et al., "The Unreasonable Effectiveness of Deep
 * Features as a Perceptual Metric", 2018), version 0.1: the distance between the features of two
 * images in a classification network, with weights fitted to human judgements; 0 for equal images.
 *
 * <p>The weights are the published files: torchvision's checkpoint of the network ({@code
 * alexnet-owt-*.pth}, {@code vgg16-*.pth}, {@code squeezenet1_1-*.pth}) and the heads of the pip
 * package {@code lpips} ({@code weights/v0.1/*.pth}); either may also be safetensors.
 *
 * <p>The weights are frozen. Gradients flow to the images only, as for a loss:
 *
 * <pre>{@code
 * try (Lpips lpips = Lpips.load(LpipsNet.VGG, backbone, heads, 224, manager)) {
 *   NDArray loss = lpips.distance(prediction, target).mean();
 * }
 * }</pre>
 */
public final class Lpips implements AutoCloseable {

  /** The most pixels compared at once; the first layers of VGG16 hold half a kB for each pixel. */
  private static final long MAX_PIXELS = 1 << 18;

  private static final int MAX_SIDE = 2048;

  private final LpipsNet net;
  private final int side;
  private final NDManager manager;
  private final NDList weights = new NDList();
  private final TorchFunction function;

  private Lpips(LpipsNet net, int side, NDManager manager, TorchFunction function) {
    this.net = net;
    this.side = side;
    this.manager = manager;
    this.function = function;
  }

  /**
   * Reads the weights.
   *
   * @param net the network
   * @param backbone torchvision's checkpoint of that network, or safetensors of the same names
   * @param heads the calibration of that network, of version 0.1
   * @param side the side to which images are resized first, in pixels, bilinearly as by torch's
   *     {@code interpolate}; 0 for their own size
   * @param manager the parent of the manager that owns the weights, and their device
   * @return the distance; close it after use
   * @throws IOException if a file cannot be read, is damaged, or lacks a tensor of the network
   * @throws IllegalArgumentException if the network cannot work at that size
   */
  public static Lpips load(LpipsNet net, Path backbone, Path heads, int side, NDManager manager)
      throws IOException {
    try (WeightFile backboneFile = WeightFile.open(backbone);
        WeightFile headsFile = WeightFile.open(heads)) {
      return of(net, backboneFile, headsFile, side, manager);
    }
  }

  static Lpips of(LpipsNet net, WeightFile backbone, WeightFile heads, int side, NDManager manager)
      throws IOException {
    if (side != 0 && (side < net.leastSide() || side > MAX_SIDE)) {
      throw new IllegalArgumentException(
          "LPIPS on images of %d pixels, expected %d (for %s) to %d, or 0 for their own size"
              .formatted(side, net.leastSide(), net, MAX_SIDE));
    }
    LpipsScript script = LpipsScript.of(net);
    Lpips lpips = new Lpips(net, side, manager.newSubManager(), script.distance(side));
    try {
      lpips.read(backbone, script.backbone(), "w[]");
      lpips.read(heads, script.heads(), "h[]");
      return lpips;
    } catch (Throwable e) {
      lpips.close();
      throw e;
    }
  }

  private void read(WeightFile file, Map<String, Shape> shapes, String list) throws IOException {
    for (Map.Entry<String, Shape> entry : shapes.entrySet()) {
      String name = entry.getKey();
      String found = file.names().contains(name) ? "" + file.shape(name) : "missing";
      if (!found.equals("" + entry.getValue())) {
        throw new ModelFormatException(
            "%s: tensor %s is %s, expected %s for LPIPS of %s"
                .formatted(file, name, found, entry.getValue(), net));
      }
      NDArray weight = file.read(manager, name);
      // DJL passes arrays that share such a name as a list.
      weight.setName(list);
      weights.add(weight);
    }
  }

  /**
   * Makes a copy on another device.
   *
   * @param parent the parent of the manager that owns the copy's weights, and their device
   * @return the copy; closed with the manager
   */
  public Lpips on(NDManager parent) {
    Lpips copy = new Lpips(net, side, parent.newSubManager(), function);
    for (NDArray weight : weights) {
      NDArray there = weight.toDevice(parent.getDevice(), true);
      there.attach(copy.manager);
      there.setName(weight.getName());
      copy.weights.add(there);
    }
    return copy;
  }

  /**
   * Returns the network.
   *
   * @return the network
   */
  public LpipsNet net() {
    return net;
  }

  /**
   * Returns the side to which images are resized.
   *
   * @return pixels, 0 for their own size
   */
  public int side() {
    return side;
  }

  /**
   * Compares images; differentiable in both.
   *
   * @param a (N, 3, H, W) float32 in [-1, 1]
   * @param b (N, 3, H, W) likewise
   * @return (N), 0 or more; attached to the manager of a
   * @throws IllegalArgumentException if the shapes differ or are too small for the network
   */
  public NDArray distance(NDArray a, NDArray b) {
    Shape shape = a.getShape();
    if (shape.dimension() != 4 || shape.get(0) < 1 || shape.get(1) != 3) {
      throw new IllegalArgumentException("images of shape " + shape + ", expected (N, 3, H, W)");
    }
    if (!shape.equals(b.getShape())) {
      throw new IllegalArgumentException(
          "images of shape " + b.getShape() + ", expected " + shape + " like the others");
    }
    requireSize(Math.min(shape.get(2), shape.get(3)));
    NDList inputs = new NDList(2 + weights.size());
    inputs.add(a);
    inputs.add(b);
    inputs.addAll(weights);
    return function.call(a.getManager(), inputs);
  }

  /**
   * Refuses images that are too small for the network.
   *
   * @param shorter the shorter side in pixels
   * @throws IllegalArgumentException if nothing would be left after the last layer
   */
  public void requireSize(long shorter) {
    int least = side == 0 ? net.leastSide() : 1;
    if (shorter < least) {
      throw new IllegalArgumentException(
          "LPIPS of %s needs images of %d pixels or more, got %d: have them resized"
              .formatted(net, least, shorter));
    }
  }

  /**
   * Compares square images in plain arrays without gradient, part by part to limit memory.
   *
   * @param a (N, 3, S, S) in [-1, 1]
   * @param b (N, 3, S, S) likewise
   * @param size S in pixels
   * @return (N)
   * @throws IllegalArgumentException if the arrays differ in length or are not of that size
   */
  public float[] distances(float[] a, float[] b, int size) {
    int image = 3 * size * size;
    if (a.length != b.length || a.length % image != 0) {
      throw new IllegalArgumentException(
          "images of %d and %d values, expected equally many, of 3x%dx%d each"
              .formatted(a.length, b.length, size, size));
    }
    int count = a.length / image;
    long pixels = side == 0 ? (long) size * size : (long) side * side;
    int part = (int) Math.max(1, MAX_PIXELS / pixels);
    float[] out = new float[count];
    for (int from = 0; from < count; from += part) {
      int to = Math.min(count, from + part);
      Shape shape = new Shape(to - from, 3, size, size);
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
          NDManager sub = manager.newSubManager()) {
        NDArray left = sub.create(Arrays.copyOfRange(a, from * image, to * image), shape);
        NDArray right = sub.create(Arrays.copyOfRange(b, from * image, to * image), shape);
        System.arraycopy(distance(left, right).toFloatArray(), 0, out, from, to - from);
      }
    }
    return out;
  }

  /** Frees the weights. */
  @Override
  public void close() {
    manager.close();
  }
}
