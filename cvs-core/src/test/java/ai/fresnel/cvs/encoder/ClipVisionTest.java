package ai.fresnel.cvs.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.model.ClipConfig;
import ai.fresnel.cvs.nn.CameraProjection;
import ai.fresnel.cvs.torch.Precision;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** CLIP's vision transformer and Zero123's projection against transformers and diffusers. */
class ClipVisionTest {

  @Test
  void embedsAsTransformers() throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture()) {
      ClipVision clip = new ClipVision(Zero123Fixture.CLIP);
      CameraProjection projection = new CameraProjection(24, 24);
      Set<String> used = fixture.load(Map.of("clip", clip, "cc_projection", projection));
      assertEquals(
          Zero123Fixture.tensors(DiffusersNames.IMAGE_ENCODER, DiffusersNames.CC_PROJECTION), used);
      NDArray embedding = clip.encode(fixture.store(), fixture.manager(), fixture.read("photo"));
      fixture.isClose("clip.image_embeds", embedding, 2e-5);
      NDArray context =
          projection.apply(fixture.store(), fixture.manager(), embedding, fixture.read("pose"));
      fixture.isClose("context", context, 2e-5);
    }
  }

  /** Measured: 0.7 % of the embedding's length and 0.8 % of the context's. */
  @Test
  void narrowTypesStayNearFloat32() throws IOException {
    try (Zero123Fixture fixture = new Zero123Fixture()) {
      CameraProjection projection = new CameraProjection(24, 24);
      ClipVision clip = new ClipVision(Zero123Fixture.CLIP, Precision.BFLOAT16);
      fixture.load(Map.of("clip", clip, "cc_projection", projection));
      NDArray embedding = clip.encode(fixture.store(), fixture.manager(), fixture.read("photo"));
      assertEquals(DataType.FLOAT32, embedding.getDataType());
      NDArray context =
          projection.apply(fixture.store(), fixture.manager(), embedding, fixture.read("pose"));
      assertNear(fixture.read("clip.image_embeds"), embedding);
      assertNear(fixture.read("context"), context);
      clip.narrow();
      NDArray again = clip.encode(fixture.store(), fixture.manager(), fixture.read("photo"));
      assertArrayEquals(embedding.toFloatArray(), again.toFloatArray());
    }
  }

  private static void assertNear(NDArray expected, NDArray actual) {
    float error = actual.sub(expected.reshape(actual.getShape())).norm().getFloat();
    double relative = error / expected.norm().getFloat();
    assertTrue(relative > 1e-5 && relative < 0.01, "relative error " + relative);
  }

  /** The count is transformers' for openai/clip-vit-large-patch14 with its projection. */
  @Test
  void vitL14HasItsParameters() {
    assertEquals(303_966_208, Weights.count(new ClipVision(ClipConfig.vitL14())));
  }
}
