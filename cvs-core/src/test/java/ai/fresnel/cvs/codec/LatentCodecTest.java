package ai.fresnel.cvs.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The autoencoders with given weights against diffusers'. */
@SuppressWarnings("try") // the handle of the gradient mode is only closed
class LatentCodecTest {

  private static final double SCALE = 0.18215;

  @Test
  void klVaeEncodesAndDecodesAsDiffusers() throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      KlVae vae = new KlVae(Zero123Fixture.VAE, Precision.FLOAT32);
      Set<String> used = fixture.load(vae.blocks());
      assertEquals(Zero123Fixture.tensors(DiffusersNames.VAE), used);
      NDArray state = vae.encode(fixture.read("photo"));
      assertEquals(new Shape(4, 8, 8), vae.stateShape(new Shape(3, 64, 64)));
      fixture.isClose("vae.mode", state.div(SCALE), 2e-5);
      fixture.isClose("vae.decoded", vae.decode(fixture.read("vae.z").mul(SCALE)), 2e-5);
    }
  }

  @Test
  void tinyVaeEncodesAndDecodesAsDiffusers() throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      TinyVae vae = new TinyVae(Zero123Fixture.TAESD, Precision.FLOAT32);
      Set<String> used = fixture.load(vae.blocks());
      assertEquals(Zero123Fixture.tensors(DiffusersNames.TAESD), used);
      fixture.isClose("taesd.encoded", vae.encode(fixture.read("photo")), 1e-4);
      fixture.isClose("taesd.decoded", vae.decode(fixture.read("vae.z")), 1e-4);
    }
  }

  /** Counts are diffusers'; 622 and 35 GFLOP are what its decoders take for 256 pixels. */
  @Test
  void publishedShapesHaveTheirParametersAndCosts() {
    KlVae vae = new KlVae(AutoencoderConfig.KlVae.stableDiffusion(), Precision.FLOAT32);
    assertEquals(83_653_863, Weights.count(vae));
    TinyVae tiny = new TinyVae(AutoencoderConfig.Taesd.stableDiffusion(), Precision.FLOAT32);
    assertEquals(2_445_063, Weights.count(tiny));
    Map<String, Long> costs = vae.multiplyAdds(256);
    assertEquals(622, 2e-9 * costs.get("decode"), 3);
    assertEquals(35, 2e-9 * tiny.multiplyAdds(256).get("decode"), 1);
  }
}
