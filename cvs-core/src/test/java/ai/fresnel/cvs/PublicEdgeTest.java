package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.geometry.BlenderPose;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.geometry.Pytorch3dPose;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.geometry.Zero123Pose;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a caller from outside may get wrong, and what images a caller may have. */
class PublicEdgeTest {

  private static final CameraPose CAMERA = CameraPose.orbit(0, 0.3, 1.7);
  private static final Photograph PHOTO = Photograph.ofRgba(new byte[4 * 64], 8, 8);

  private static void assertNamed(String argument, Executable call) {
    String message = assertThrows(NullPointerException.class, call).getMessage();
    assertEquals(argument + " is null", message);
  }

  @Test
  void missingArgumentsOfRequestsAreNamed() {
    List<CameraPose> targets = List.of(CAMERA);
    assertNamed("photograph", () -> ViewRequest.of(null, CAMERA, targets));
    assertNamed("source", () -> ViewRequest.of(PHOTO, null, targets));
    assertNamed("targets", () -> ViewRequest.of(PHOTO, CAMERA, null));
    assertNamed("target 1", () -> ViewRequest.of(PHOTO, CAMERA, Arrays.asList(CAMERA, null)));
    assertNamed("framing", () -> ViewRequest.of(PHOTO, CAMERA, targets).withFraming(null));
    assertNamed("rgba", () -> Photograph.ofRgba(null, 8, 8));
    assertNamed("image", () -> Photograph.of(null));
    assertNamed("mask", () -> PHOTO.withMask(null));
    assertNamed("box", () -> PHOTO.cutOutInside(null));
    assertNamed("hints", () -> PHOTO.cutOutBy(null));
    assertNamed("framing", () -> PHOTO.framed(null, 1.7, 8));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> SynthesizerOptions.defaults().withPrecision(null))
            .getMessage();
    assertTrue(message.startsWith("precision is null"), message);
  }

  @Test
  void missingArgumentsOfLoadingAreNamed() {
    Path model = Path.of("model");
    assertNamed("model", () -> ViewSynthesizer.load((Path) null));
    assertNamed("options", () -> ViewSynthesizer.load((SynthesizerOptions) null));
    assertNamed("options", () -> ViewSynthesizer.load(model, null));
    assertNamed("model", () -> ViewTranslatorFactory.criteria(null));
    assertNamed("options", () -> ViewTranslatorFactory.criteria(model, null));
  }

  @Test
  void missingArgumentsOfCamerasAreNamed() {
    assertNamed("rotation", () -> CameraPose.of(null, new double[3]));
    assertNamed("translation", () -> CameraPose.of(CAMERA.rotation(), null));
    assertNamed("eye", () -> CameraPose.lookAt(null, new double[3]));
    assertNamed("target", () -> CameraPose.lookAt(new double[3], null));
    assertNamed("worldPoint", () -> CAMERA.toCamera(null));
    assertNamed("offsets", () -> Orbit.ofOffsets(null));
    assertNamed("offset 0", () -> Orbit.ofOffsets(Collections.singletonList(null)));
    assertNamed("source", () -> Orbit.ring(3).around(null));
    assertNamed("source", () -> RelativePose.between(null, CAMERA));
    assertNamed("target", () -> RelativePose.between(CAMERA, null));
    assertNamed("source", () -> Zero123Pose.between(null, CAMERA));
    assertNamed("pose", () -> BlenderPose.fromCameraPose(null));
    assertNamed("pose", () -> NerfstudioPose.fromCameraPose(null));
    assertNamed("pose", () -> Pytorch3dPose.rotation(null));
    Intrinsics lens = Intrinsics.fromFieldOfView(1, 8);
    assertNamed("cameraPoint", () -> lens.project(null));
  }

  /** As image libraries make them, to keep more beside the pixels. */
  private static final class NamedImage extends BufferedImage {
    NamedImage(int width, int height) {
      super(width, height, BufferedImage.TYPE_INT_ARGB);
    }
  }

  @Test
  void subclassesOfImagesKeepTheirTransparency() {
    BufferedImage plain = new BufferedImage(16, 16, BufferedImage.TYPE_INT_ARGB);
    NamedImage named = new NamedImage(16, 16);
    for (int i = 0; i < 256; i++) {
      int argb = i << 24 | 0x3060A0;
      plain.setRGB(i % 16, Math.floorDiv(i, 16), argb);
      named.setRGB(i % 16, Math.floorDiv(i, 16), argb);
    }
    Photograph photo = Photograph.of(ImageFactory.getInstance().fromImage(named));
    assertTrue(photo.hasTransparency());
    assertArrayEquals(
        Photograph.of(ImageFactory.getInstance().fromImage(plain)).framed(Framing.WHOLE, 1, 16),
        photo.framed(Framing.WHOLE, 1, 16));
  }
}
