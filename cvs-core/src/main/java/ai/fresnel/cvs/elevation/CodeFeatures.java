package ai.fresnel.cvs.elevation;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ObjectCode;
import ai.fresnel.cvs.condition.PhotographCode;

/**
 * Sums up a photograph's code in few numbers that tell its camera's elevation: means of its tokens,
 * its volume and its colours over {@value #BANDS} bands from top to bottom, and the silhouette: how
 * much of each cell of a grid of {@value #GRID}×{@value #GRID} differs from the photograph's
 * corner.
 */
public final class CodeFeatures {

  private static final int BANDS = 4;
  private static final int GRID = 8;

  /** The ground's values are at most this far from those of the corner. */
  private static final float NEARLY_EQUAL = 0.03f;

  private CodeFeatures() {}

  /**
   * Computes the features of each photograph of a code.
   *
   * @param code a code with tokens, a volume and the photograph
   * @return a row for each photograph
   * @throws IllegalArgumentException if a part is missing
   */
  public static float[][] of(ObjectCode code) {
    Shape tokens = code.shape(PhotographCode.TOKENS);
    Shape volume = code.shape(PhotographCode.VOLUME);
    Shape photograph = code.shape(PhotographCode.PHOTOGRAPH);
    int channels = (int) (tokens.get(2) + volume.get(1) + photograph.get(1));
    float[][] rows = new float[code.cameras().size()][BANDS * channels + GRID * GRID];
    float[] tokenValues = code.values(PhotographCode.TOKENS);
    float[] volumeValues = code.values(PhotographCode.VOLUME);
    float[] colours = code.values(PhotographCode.PHOTOGRAPH);
    for (int i = 0; i < rows.length; i++) {
      int at = tokenBands(tokenValues, i, tokens, rows[i]);
      at = mapBands(volumeValues, i, volume, rows[i], at);
      at = mapBands(colours, i, photograph, rows[i], at);
      silhouette(colours, i, photograph, rows[i], at);
    }
    return rows;
  }

  /** Tokens are in rows from the top, channels last. */
  private static int tokenBands(float[] values, int index, Shape shape, float[] to) {
    int length = (int) shape.get(1);
    int channels = (int) shape.get(2);
    int start = index * length * channels;
    for (int i = 0; i < length * channels; i++) {
      int band = i / channels * BANDS / length;
      to[band * channels + i % channels] += values[start + i] * BANDS / length;
    }
    return BANDS * channels;
  }

  private static int mapBands(float[] values, int index, Shape shape, float[] to, int at) {
    int channels = (int) shape.get(1);
    int plane = (int) (shape.get(2) * shape.get(3));
    int start = index * channels * plane;
    for (int i = 0; i < channels * plane; i++) {
      int band = i % plane * BANDS / plane;
      to[at + band * channels + i / plane] += values[start + i] * BANDS / plane;
    }
    return at + BANDS * channels;
  }

  private static void silhouette(float[] values, int index, Shape shape, float[] to, int at) {
    int channels = (int) shape.get(1);
    int height = (int) shape.get(2);
    int width = (int) shape.get(3);
    int start = index * channels * height * width;
    float share = (float) GRID * GRID / (height * width);
    for (int i = 0; i < height * width; i++) {
      boolean ground = true;
      for (int c = 0; c < channels && ground; c++) {
        int plane = start + c * height * width;
        ground = Math.abs(values[plane + i] - values[plane]) < NEARLY_EQUAL;
      }
      if (!ground) {
        to[at + i / width * GRID / height * GRID + i % width * GRID / width] += share;
      }
    }
  }
}
