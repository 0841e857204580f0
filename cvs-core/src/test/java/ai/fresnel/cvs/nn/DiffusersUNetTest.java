package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A U-Net of Zero123's shape with given weights draws what diffusers computes with them. */
@SuppressWarnings("try") // the handle of the gradient mode is only closed
class DiffusersUNetTest {

  /** Made for one token, as Zero123's, and for more; run on one token and on five. */
  @ParameterizedTest
  @CsvSource({"1, ''", "5, ''", "1, 5", "5, 5"})
  void drawsWhatDiffusersDraws(int madeFor, String tokens) throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      UNet unet = new UNet(Zero123Fixture.UNET, 8, 4, 8, madeFor);
      TimestepEmbedding noise = new TimestepEmbedding(8, 32);
      Set<String> used = fixture.load(Map.of("unet", unet, "noise", noise));
      assertEquals(Zero123Fixture.tensors(DiffusersNames.UNET), used);
      NDArray steps = fixture.read("unet.t").toType(DataType.FLOAT32, true);
      NDArray embedding = noise.apply(fixture.store(), fixture.manager(), steps);
      NDArray actual =
          unet.forward(
                  fixture.store(),
                  new NDList(
                      fixture.read("unet.x"),
                      Activation.swish(embedding, 1),
                      fixture.read("unet.context" + tokens)),
                  true)
              .head();
      fixture.isClose("unet.out" + tokens, actual, 2e-5);
    }
  }
}
