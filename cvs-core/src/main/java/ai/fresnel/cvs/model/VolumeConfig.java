package ai.fresnel.cvs.model;

import java.util.Arrays;
import java.util.List;

/**
 * The volume around the object that is predicted from the photograph and rendered from each camera.
 *
 * @param channels width of each level of the U-Net that predicts it, from the finest, 1 to 8 levels
 *     of 1 to 8192
 * @param blocks residual blocks of each level, on the way down and on the way up, 1 to 64
 * @param attentionDepth transformer blocks after the coarsest level's blocks on the way down, and
 *     in the middle, 1 to 64
 * @param slices slices of the volume, 2 to 256
 * @param features features per position besides the density, colours first, 1 to 256
 * @param residual whether the network predicts the difference from the volume's view, rendered at
 *     the image's size, with the photograph's pixels carried to it beside it; otherwise it predicts
 *     the image and is given the view at the size of its grid
 */
public record VolumeConfig(
    List<Integer> channels,
    int blocks,
    int attentionDepth,
    int slices,
    int features,
    boolean residual) {

  /**
   * Checks and copies the settings.
   *
   * @param channels as above
   * @param blocks as above
   * @param attentionDepth as above
   * @param slices as above
   * @param features as above
   * @param residual as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public VolumeConfig {
    channels = Checks.widths("channels", channels);
    Checks.range("blocks", blocks, 1, 64);
    Checks.range("attentionDepth", attentionDepth, 1, 64);
    Checks.range("slices", slices, 2, 256);
    Checks.range("features", features, 1, 256);
  }

  /**
   * Returns a volume of 16 slices with 8 features, by one block a level.
   *
   * @param channels width of each level
   * @return the settings
   */
  public static VolumeConfig of(int... channels) {
    return new VolumeConfig(Arrays.stream(channels).boxed().toList(), 1, 1, 16, 8, false);
  }

  /**
   * Returns these settings with another depth of the network.
   *
   * @param ofBlocks residual blocks of each level on either way
   * @param ofAttention transformer blocks at the coarsest level
   * @return the settings
   */
  public VolumeConfig withDepth(int ofBlocks, int ofAttention) {
    return new VolumeConfig(channels, ofBlocks, ofAttention, slices, features, residual);
  }

  /**
   * Returns these settings with another number of slices.
   *
   * @param value slices
   * @return the settings
   */
  public VolumeConfig withSlices(int value) {
    return new VolumeConfig(channels, blocks, attentionDepth, value, features, residual);
  }

  /**
   * Returns these settings with another number of features.
   *
   * @param value features
   * @return the settings
   */
  public VolumeConfig withFeatures(int value) {
    return new VolumeConfig(channels, blocks, attentionDepth, slices, value, residual);
  }

  /**
   * Returns these settings with or without the difference from the volume's view.
   *
   * @param value whether the network predicts it
   * @return the settings
   */
  public VolumeConfig withResidual(boolean value) {
    return new VolumeConfig(channels, blocks, attentionDepth, slices, features, value);
  }
}
