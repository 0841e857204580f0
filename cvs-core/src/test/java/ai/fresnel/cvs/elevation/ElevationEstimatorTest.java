package ai.fresnel.cvs.elevation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.ObjectCode;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.VolumeConfig;
import ai.fresnel.cvs.view.TinyNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The elevation of a photograph's camera. */
class ElevationEstimatorTest {

  private static final SynthesizerOptions CPU =
      SynthesizerOptions.defaults().withDevice(Device.cpu());

  @TempDir Path folder;

  private static Image photo() {
    int[] argb = new int[24 * 20];
    for (int y = 5; y < 15; y++) {
      Arrays.fill(argb, 24 * y + 4, 24 * y + 20, 0xFF000000 | 9000 * y);
    }
    return ImageFactory.getInstance().fromPixels(argb, 24, 20);
  }

  private static CameraPose camera(double degrees) {
    return CameraPose.orbit(0, Math.toRadians(degrees), 1.7);
  }

  private ViewSynthesizer tiny() throws IOException {
    Path model = folder.resolve("tiny");
    TinyNetwork.write(
        model,
        TinyNetwork.config(ModelConfig.Kind.CONSISTENCY)
            .conditioner(
                c ->
                    c.withVolume(
                        VolumeConfig.of(8, 8).withSlices(4).withFeatures(4).withResidual(true)))
            .build());
    return ViewSynthesizer.load(model, CPU);
  }

  /** A network of other features, or of another model after training again, fails here. */
  @Test
  void theBundledOneIsForTheBundledModel() throws IOException {
    ElevationEstimator estimator = ElevationEstimator.bundled();
    try (ViewSynthesizer cvs = ViewSynthesizer.load(CPU)) {
      ObjectCode code = cvs.encode(photo(), camera(20));
      assertTrue(estimator.isFor(code), code.model());
      ElevationEstimate found = estimator.estimate(code);
      assertTrue(found.degrees() > -60 && found.degrees() < 90, found.toString());
      assertTrue(
          found.standardDeviation() >= 1 && found.standardDeviation() < 60, found.toString());
      assertEquals(found, estimator.estimate(code));
      // The camera that the photograph is encoded with does not matter, but its distance frames it.
      ObjectCode other = cvs.encode(photo(), camera(-50));
      assertEquals(found.degrees(), estimator.estimate(other).degrees(), 0.01);
      ObjectCode both = ObjectCode.fuse(List.of(code, other));
      assertEquals(
          "the code has 2 photographs, expected 1",
          assertThrows(IllegalArgumentException.class, () -> estimator.estimate(both))
              .getMessage());
    }
  }

  @Test
  void codesOfOtherModelsAreRefused() throws IOException {
    ElevationEstimator estimator = ElevationEstimator.bundled();
    try (ViewSynthesizer cvs = tiny()) {
      ObjectCode code = cvs.encode(photo(), camera(20));
      assertFalse(estimator.isFor(code));
      String message =
          assertThrows(IllegalArgumentException.class, () -> estimator.estimate(code)).getMessage();
      assertTrue(
          message.startsWith("the code was made by " + code.model() + ", expected small64-"),
          message);
      // A file that says it is this model's, of other features.
      Path file = folder.resolve("short.safetensors");
      network(3).write(file, code.model());
      ElevationEstimator wrong = ElevationEstimator.read(file);
      message =
          assertThrows(IllegalArgumentException.class, () -> wrong.estimate(code)).getMessage();
      int features = CodeFeatures.of(code)[0].length;
      assertEquals("the code has " + features + " features, expected 3", message);
      // One that fits: a network of zeros gives its biases.
      network(features).write(file, code.model());
      ElevationEstimate found = ElevationEstimator.read(file).estimate(code);
      assertEquals(12, found.degrees(), 1e-6);
      assertEquals(Math.E, found.standardDeviation(), 1e-6);
    }
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path file = folder.resolve("wrong.safetensors");
    Safetensors.write(file, Map.of(), Map.of());
    assertEquals(
        file + ": cvs_elevation is null, expected 1",
        assertThrows(ModelFormatException.class, () -> ElevationEstimator.read(file)).getMessage());
    Safetensors.write(file, Map.of(), Map.of("cvs_elevation", "1"));
    assertEquals(
        file + ": hidden.weight is null, expected (hidden, inputs)",
        assertThrows(ModelFormatException.class, () -> ElevationEstimator.read(file)).getMessage());
  }

  /** All zeros but the outputs' biases: 12 degrees, deviation e. */
  private static ElevationNetwork network(int inputs) {
    return new ElevationNetwork(
        new float[2 * inputs], new float[2], new float[4], new float[] {12, 1});
  }
}
