package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;

/** Mean and variance of one axis of (N, axes) samples, in double precision. */
public record Moments(double mean, double variance) {

  public static Moments of(NDArray samples, int axis) {
    float[] values = samples.toFloatArray();
    int axes = (int) samples.getShape().get(1);
    float[] column = new float[values.length / axes];
    for (int i = 0; i < column.length; i++) {
      column[i] = values[i * axes + axis];
    }
    return of(column);
  }

  public static Moments of(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += v;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (float v : values) {
      squares += (v - mean) * (v - mean);
    }
    return new Moments(mean, squares / values.length);
  }
}
