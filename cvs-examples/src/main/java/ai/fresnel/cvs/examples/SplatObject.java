package ai.fresnel.cvs.examples;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.file.SplatFiles;
import ai.fresnel.cvs.train.splat.SplatData;
import ai.fresnel.cvs.train.splat.SplatOptimiser;
import ai.fresnel.cvs.train.splat.SplatScore;
import ai.fresnel.cvs.train.splat.SplatSettings;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Path;

/** Makes 3D Gaussians of an object of a view set: {@code SET ID OUT.ply}. */
public final class SplatObject {

  private SplatObject() {}

  /**
   * Optimises.
   *
   * @param args the view set, the object and the file for the Gaussians
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 3) {
      System.err.println("usage: SplatObject SET ID OUT.ply");
      System.exit(2);
    }
    SplatData data = SplatData.of(ViewSet.open(Path.of(args[0])).object(args[1]));
    SplatSettings settings = SplatSettings.object().withGaussians(5_000).withSteps(600);
    GaussianArrays start = data.start().gaussians(settings);
    SplatOptimiser optimiser = new SplatOptimiser(settings, data.training(), start, 2);
    while (!optimiser.isDone()) {
      optimiser.step();
    }
    SplatFiles.write(Path.of(args[2]), optimiser.cloud());
    SplatScore score = SplatScore.of(optimiser.cloud(), data.heldOut().get(0));
    System.out.printf("a view that was held out: %.1f dB%n", score.psnr());
  }
}
