package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.SplatImage;
import ai.fresnel.cvs.splat.SplatRenderer;
import ai.fresnel.cvs.train.eval.ImageMetrics;
import java.util.List;

/**
 * How near Gaussians come to a view, on white and over the whole frame.
 *
 * @param psnr peak signal-to-noise ratio in dB
 * @param ssim structural similarity, -1 to 1; NaN of images below 11×11
 */
public record SplatScore(double psnr, double ssim) {

  private static final int LEAST_SSIM_SIDE = 11;

  /**
   * Compares.
   *
   * @param cloud the Gaussians
   * @param view the truth
   * @return the score
   */
  public static SplatScore of(GaussianCloud cloud, SplatView view) {
    float[] shown = onWhite(cloud, view);
    float[] truth = view.view().onWhite();
    int width = view.view().intrinsics().width();
    int height = view.view().intrinsics().height();
    ImageMetrics metrics = new ImageMetrics(3, height, width);
    return new SplatScore(
        metrics.psnr(shown, truth),
        Math.min(width, height) < LEAST_SSIM_SIDE ? Double.NaN : metrics.ssim(shown, truth));
  }

  /**
   * Averages.
   *
   * @param scores any number
   * @return the mean of each; NaN of none
   */
  public static SplatScore mean(List<SplatScore> scores) {
    return new SplatScore(
        scores.stream().mapToDouble(SplatScore::psnr).average().orElse(Double.NaN),
        scores.stream().mapToDouble(SplatScore::ssim).average().orElse(Double.NaN));
  }

  /**
   * Draws Gaussians from a view's camera, as they will be shown.
   *
   * @param cloud the Gaussians
   * @param view the camera; what its image does not tell of is white
   * @return (3, height, width) in [-1, 1], on white
   */
  public static float[] onWhite(GaussianCloud cloud, SplatView view) {
    SplatImage image =
        SplatRenderer.onWhite().render(cloud, view.view().pose(), view.view().intrinsics());
    int plane = image.width() * image.height();
    float[] planes = new float[3 * plane];
    for (int i = 0; i < plane; i++) {
      for (int c = 0; c < 3; c++) {
        float shown = Math.max(-1, Math.min(1, 2 * image.rgb()[3 * i + c] - 1));
        planes[c * plane + i] = view.known(i) * shown + 1 - view.known(i);
      }
    }
    return planes;
  }
}
