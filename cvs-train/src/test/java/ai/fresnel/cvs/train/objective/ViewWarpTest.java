package ai.fresnel.cvs.train.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.Augmentation;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.render.Lighting;
import ai.fresnel.cvs.train.render.Rasterizer;
import ai.fresnel.cvs.train.render.RenderedPairs;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.viewset.View;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Warping against the renderer, a slow reference and finite differences. */
class ViewWarpTest {

  private static final CameraPose SOURCE = CameraPose.orbit(-0.9, 0.1, 1.8);

  /** Two views of an object with lenses of their own, and what the warp is given of them. */
  private static final class Two {
    final int side;
    final View[] views = new View[2];
    final float[][] depths = new float[2][];
    final SlowWarp slow;

    Two(int object, int side, double apart) {
      this.side = side;
      Rasterizer rasterizer =
          new Rasterizer(ProceduralScenes.generate(object), Lighting.random(object), 3);
      double half = side / 2.0;
      Intrinsics[] lenses = {
        new Intrinsics(1.1 * side, 1.1 * side, half, half, side, side),
        new Intrinsics(1.2 * side, 1.15 * side, half, half, side, side)
      };
      CameraPose[] poses = {
        CameraPose.orbit(-1.3, 0.35, 1.8), CameraPose.orbit(-1.3 + apart, 0.45, 1.9)
      };
      for (int i = 0; i < 2; i++) {
        RenderedView rendered = rasterizer.render(poses[i], lenses[i]);
        views[i] = View.of(lenses[i], poses[i], rendered.rgba());
        depths[i] = rendered.depth();
      }
      slow = new SlowWarp(side, depths, poses, lenses);
    }

    NDArray partners(NDManager manager) {
      NDArray depth =
          NDArrays.concat(new NDList(manager.create(depths[0]), manager.create(depths[1])))
              .reshape(2, 1, side, side);
      float[] poses = new float[2 * RelativePose.FEATURES];
      for (int i = 0; i < 2; i++) {
        float[] one =
            RelativePose.features(
                SOURCE, views[0].intrinsics(), views[i].pose(), views[i].intrinsics());
        System.arraycopy(one, 0, poses, i * one.length, one.length);
      }
      return ViewWarp.partners(depth, manager.create(poses, new Shape(2, RelativePose.FEATURES)));
    }

    NDArray images(NDManager manager) {
      return NDArrays.concat(
              new NDList(manager.create(views[0].onWhite()), manager.create(views[1].onWhite())))
          .reshape(2, 3, side, side);
    }
  }

  @Test
  void placesAreTheSlowReferences() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      int side = 48;
      int seen = 0;
      int other = 0;
      for (int object = 0; object < 6; object++) {
        Two two = new Two(object, side, 0.5);
        float[] where = two.partners(manager).toFloatArray();
        for (int i = 0; i < 2 * side * side; i++) {
          int view = Math.floorDiv(i, side * side);
          int x = i % side;
          int y = Math.floorDiv(i, side) % side;
          int at = view * 3 * side * side + y * side + x;
          boolean sees = where[at + 2 * side * side] == 1;
          other += sees == two.slow.sees(view, x, y) ? 0 : 1;
          if (sees) {
            double[] place = two.slow.place(view, x, y);
            assertEquals(2 * place[0] / side - 1, where[at], 1e-4);
            assertEquals(2 * place[1] / side - 1, where[at + side * side], 1e-4);
            seen++;
          }
        }
      }
      assertTrue(seen > 2000, seen + " seen");
      // Thresholds are met in float32 here and in double there.
      assertTrue(other <= seen / 500, other + " judged otherwise of " + seen);
    }
  }

  /** Rendered views are what they say of each other. */
  @Test
  void aViewWarpedThroughTrueDepthIsTheOther() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      int side = 128;
      double squares = 0;
      double unmoved = 0;
      double seen = 0;
      for (int object = 0; object < 11; object++) {
        Two two = new Two(object, side, 0.25);
        NDArray where = two.partners(manager);
        NDArray images = two.images(manager);
        NDArray mask = where.get(":, 2:3");
        NDArray off = ViewWarp.warp(images, where).sub(images).mul(mask);
        squares += off.square().sum().getFloat() / 3;
        NDArray swapped = images.flip(0).sub(images).mul(mask);
        unmoved += swapped.square().sum().getFloat() / 3;
        seen += mask.sum().getFloat();
      }
      double psnr = 10 * Math.log10(4 / (squares / seen));
      double without = 10 * Math.log10(4 / (unmoved / seen));
      String measured =
          String.format("%.1f dB over %.0f pixels, %.1f unmoved", psnr, seen, without);
      System.out.println(measured);
      assertTrue(seen > 11 * 600, measured);
      assertTrue(psnr > 28 && psnr > without + 10, measured);
    }
  }

  /** Mirrored, zoomed, recoloured and on a background of some colour, twins still agree. */
  @Test
  void augmentedTwinsShowTheSameThing() {
    PairOptions options =
        PairOptions.of(24, 4)
            .withMaxAngle(0.12)
            .withDepth(true)
            .withTargets(2)
            .withAugmentation(new Augmentation(0.5, 1, 0.3, 0.2, 0.25, 0.5));
    RenderedPairs pairs =
        new RenderedPairs(
            ProceduralScenes.sources(11, 0), 96, options, new MeshVariation(0.2, 1, 0.3));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      TrainingBatch batch = pairs.batch(0).on(manager);
      NDArray images = batch.targets();
      NDArray where = ViewWarp.partners(batch.depth().orElseThrow(), batch.context().cameras());
      NDArray seen = where.get(":, 2:3");
      double count = 3 * seen.sum().getFloat();
      double off = ViewWarp.warp(images, where).sub(images).mul(seen).square().sum().getFloat();
      NDArray partners = images.reshape(-1, 2, 3, 96, 96).flip(1).reshape(images.getShape());
      double unmoved = partners.sub(images).mul(seen).square().sum().getFloat();
      String measured =
          String.format(
              "%.1f dB over %.0f values, %.1f unmoved",
              10 * Math.log10(4 * count / off), count, 10 * Math.log10(4 * count / unmoved));
      System.out.println(measured);
      assertTrue(count > 24 * 3 * 200, measured);
      assertTrue(off < 4 * count / 400 && off < unmoved / 5, measured);
    }
  }

  @Test
  void theLossIsTheSlowReferencesAndSoAreItsGradients() {
    int side = 32;
    Two two = new Two(6, side, 0.2);
    Random random = new Random(2);
    double[][] states = new double[2][3 * side * side];
    for (double[] state : states) {
      for (int i = 0; i < state.length; i++) {
        state[i] = (float) random.nextGaussian();
      }
    }
    StateCodec codec = StateCodec.of(ModelConfig.tiny64());
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray where = two.partners(manager);
      NDArray prediction =
          NDArrays.concat(new NDList(create(manager, states[0]), create(manager, states[1])))
              .reshape(2, 3, side, side);
      prediction.setRequiresGradient(true);
      Label label = new Label(where, manager.create(new float[] {1, 3}));
      MultiViewLoss loss = new MultiViewLoss(codec);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray each = loss.perSample(prediction, label);
        assertEquals(slow(two, states, 0), each.getFloat(0), 1e-4);
        assertEquals(3 * slow(two, states, 1), each.getFloat(1), 1e-4);
        collector.backward(each.mean());
      }
      float[] gradient = prediction.getGradient().toFloatArray();
      int counted = 0;
      double h = 1e-6;
      for (int k = 0; k < 200; k++) {
        int view = k % 2;
        int i = random.nextInt(states[view].length);
        double at = states[view][i];
        states[view][i] = at + h;
        double above = slow(two, states, 0) + 3 * slow(two, states, 1);
        states[view][i] = at - h;
        double below = slow(two, states, 0) + 3 * slow(two, states, 1);
        states[view][i] = at;
        double expected = (above - below) / (4 * h);
        assertEquals(expected, gradient[view * states[view].length + i], 2e-4, "value " + i);
        counted += Math.abs(expected) > 1e-3 ? 1 : 0;
      }
      assertTrue(counted > 10, counted + " values count");
    }
  }

  /** The codec's map with a gain of 4 undone: colours come four times nearer to grey. */
  private static double slow(Two two, double[][] states, int view) {
    double[][] images = new double[2][];
    for (int i = 0; i < 2; i++) {
      double[] state = states[i];
      images[i] = new double[state.length];
      int pixels = Math.floorDiv(state.length, 3);
      for (int p = 0; p < pixels; p++) {
        double grey = (state[p] + state[p + pixels] + state[p + 2 * pixels]) / 3;
        for (int c = 0; c < 3; c++) {
          images[i][p + c * pixels] = grey + (state[p + c * pixels] - grey) / 4;
        }
      }
    }
    return two.slow.difference(images, view);
  }

  private static NDArray create(NDManager manager, double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return manager.create(out);
  }

  /** From behind nothing of the front is seen, and nothing in an empty image. */
  @Test
  void whatIsNotSeenDoesNotCount() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Two two = new Two(6, 32, 0.3);
      Arrays.fill(two.depths[1], 0);
      NDArray where = two.partners(manager);
      assertEquals(0, where.get(":, 2").sum().getFloat());
      Label label = new Label(where, manager.ones(new Shape(2)));
      NDArray each =
          new MultiViewLoss(StateCodec.of(ModelConfig.tiny64()))
              .perSample(two.images(manager), label);
      assertEquals(0, each.abs().sum().getFloat());
    }
  }
}
