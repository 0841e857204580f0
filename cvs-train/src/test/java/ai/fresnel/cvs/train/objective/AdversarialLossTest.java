package ai.fresnel.cvs.train.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The game's two losses by hand, and who learns from which. */
@SuppressWarnings("try") // the handle of a gradient mode is only closed
class AdversarialLossTest {

  private static final int N = 3;
  private static final Shape STATE = new Shape(4, 3, 3);
  private static final long[] SEEDS = SampleNoise.seeds(4, 0, N);

  /** Two maps that bend the state, and are shifted by the only condition. */
  private static final AdversarialLoss.Features FEATURES =
      (store, x, sigma, given) -> {
        NDArray bent = x.mul(0.7f).add(given.state()).tanh();
        return new NDList(bent, bent.square().sub(x));
      };

  private static NDArray normal(NDManager manager, int stream) {
    return SampleNoise.normal(manager, SEEDS, stream, STATE);
  }

  private static Discriminator discriminator(NDManager manager) {
    Discriminator discriminator = new Discriminator(List.of(4, 4));
    Weights.initialize(discriminator, manager, 5);
    return discriminator;
  }

  private static AdversarialLoss.DiscriminatorInputs game(NDManager manager, float... weights) {
    NDArray sigma = manager.create(new float[] {0.1f, 0.2f, 0.3f});
    NDArray noise = normal(manager, 1).mul(0.2f);
    Conditioning given = Conditioning.none().withState(normal(manager, 3));
    return new AdversarialLoss.DiscriminatorInputs(
        normal(manager, 2), noise, sigma, manager.create(weights), given);
  }

  @Test
  void hingesByHand() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray real = manager.create(new float[] {2, -1, 0.5f, 1}, new Shape(2, 2));
      NDArray fake = manager.create(new float[] {-2, 0, 0.5f, -0.5f}, new Shape(2, 2));
      // Of the true: max(0, 1 − D) of 2, −1 and of 0.5, 1; of the drawn: max(0, 1 + D).
      assertArrayEquals(
          new float[] {(0 + 2) / 2f + (0 + 1) / 2f, (0.5f + 0) / 2 + (1.5f + 0.5f) / 2},
          AdversarialLoss.discriminator(real, fake).toFloatArray(),
          1e-6f);
      assertArrayEquals(new float[] {1, 0}, AdversarialLoss.student(fake).toFloatArray(), 1e-6f);
    }
  }

  @Test
  void theImagesGradientIsThatOfTheStudentsTermAlone() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Discriminator discriminator = discriminator(manager);
      AdversarialLoss loss = new AdversarialLoss(discriminator, FEATURES);
      AdversarialLoss.DiscriminatorInputs game = game(manager, 1, 0.5f, 2);
      NDArray fake = normal(manager, 0).duplicate();
      fake.setRequiresGradient(true);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray each = loss.perSample(fake, game);
        assertArrayEquals(new float[N], each.toFloatArray(), "as a number it is 0");
        collector.backward(each.sum());
      }
      NDArray gradient = fake.getGradient();
      for (int stream = 10; stream < 18; stream++) {
        // Along a random direction, so that float32 is enough.
        NDArray direction = normal(manager, stream);
        double h = 4e-3;
        double slope =
            (value(manager, discriminator, game, fake.add(direction.mul(h)))
                    - value(manager, discriminator, game, fake.sub(direction.mul(h))))
                / (2 * h);
        double said = gradient.mul(direction).sum().getFloat();
        assertEquals(slope, said, 2e-3 + 0.02 * Math.abs(slope));
      }
    }
  }

  /** Σ weight · (− mean D). */
  private static double value(
      NDManager manager,
      Discriminator discriminator,
      AdversarialLoss.DiscriminatorInputs game,
      NDArray fake) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDList maps = FEATURES.of(store, fake.add(game.noise()), null, game.conditioning());
      NDArray level = game.sigma().log().mul(0.25f);
      NDArray judged = discriminator.judge(store, manager, maps, level);
      return AdversarialLoss.student(judged).mul(game.weight()).sum().getFloat();
    }
  }

  /** Its gradients are those of its own hinge loss, computed by itself. */
  @Test
  void theDiscriminatorsGradientIsThatOfItsTermAlone() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Discriminator together = discriminator(manager);
      AdversarialLoss loss = new AdversarialLoss(together, FEATURES);
      AdversarialLoss.DiscriminatorInputs game = game(manager, 1, 1, 1);
      NDArray fake = normal(manager, 0).duplicate();
      fake.setRequiresGradient(true);
      assertFalse(loss.pollGradient());
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        collector.backward(loss.perSample(fake, game).mean());
      }
      assertTrue(loss.pollGradient());
      assertFalse(loss.pollGradient());
      Discriminator alone = discriminator(manager);
      NDArray still = normal(manager, 0);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        ParameterStore store = new ParameterStore(manager, false);
        NDArray level = game.sigma().log().mul(0.25f);
        NDList real = FEATURES.of(store, game.truth(), null, game.conditioning());
        NDList drawn = FEATURES.of(store, still.add(game.noise()), null, game.conditioning());
        collector.backward(
            AdversarialLoss.discriminator(
                    alone.judge(store, manager, real, level),
                    alone.judge(store, manager, drawn, level))
                .mean());
      }
      Map<String, NDArray> expected = Weights.arrays(alone);
      List<String> moved = new ArrayList<>();
      Weights.arrays(together)
          .forEach(
              (name, weight) -> {
                assertArrayEquals(
                    expected.get(name).getGradient().toFloatArray(),
                    weight.getGradient().toFloatArray(),
                    1e-6f,
                    name);
                if (weight.getGradient().abs().sum().getFloat() > 0) {
                  moved.add(name);
                }
              });
      // The last bias has none where as many hinges pull up as down.
      assertTrue(moved.size() >= expected.size() - 2, moved + "");
    }
  }

  @Test
  void whereNothingCountsNothingIsComputed() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      AdversarialLoss loss =
          new AdversarialLoss(
              discriminator(manager),
              (store, x, sigma, given) -> {
                throw new AssertionError("asked for features");
              });
      NDArray each = loss.perSample(normal(manager, 0), game(manager, 0, 0, 0));
      assertArrayEquals(new float[N], each.toFloatArray());
      assertFalse(loss.pollGradient());
    }
  }
}
