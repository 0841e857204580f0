package ai.fresnel.cvs.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.model.ClipConfig;
import ai.fresnel.cvs.nn.CameraProjection;
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

  /** The count is transformers' for openai/clip-vit-large-patch14 with its projection. */
  @Test
  void vitL14HasItsParameters() {
    assertEquals(303_966_208, Weights.count(new ClipVision(ClipConfig.vitL14())));
  }
}
