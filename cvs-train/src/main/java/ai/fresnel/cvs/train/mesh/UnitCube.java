package ai.fresnel.cvs.train.mesh;

/** Moves and scales positions so that the triangles fill the unit cube. */
final class UnitCube {
  private UnitCube() {}

  /**
   * Fits the used positions.
   *
   * @param positions (V,3), not changed
   * @param count V
   * @param indices the used vertices; others may lie anywhere
   * @return (V,3) with the used bounding box centred at the origin and its longest side 1
   * @throws IllegalArgumentException if the box is a point or not finite
   */
  static float[] fit(float[] positions, int count, int[] indices) {
    float[] low = {Float.MAX_VALUE, Float.MAX_VALUE, Float.MAX_VALUE};
    float[] high = {-Float.MAX_VALUE, -Float.MAX_VALUE, -Float.MAX_VALUE};
    for (int index : indices) {
      for (int c = 0; c < 3; c++) {
        float value = positions[3 * index + c];
        low[c] = Math.min(low[c], value);
        high[c] = Math.max(high[c], value);
      }
    }
    double longest = 0;
    for (int c = 0; c < 3; c++) {
      longest = Math.max(longest, (double) high[c] - low[c]);
    }
    if (!(longest > 0) || !Float.isFinite((float) longest)) {
      throw new IllegalArgumentException("bounding box with longest side " + longest);
    }
    float[] fitted = new float[3 * count];
    for (int i = 0; i < fitted.length; i++) {
      double centre = 0.5 * ((double) low[i % 3] + high[i % 3]);
      fitted[i] = (float) ((positions[i] - centre) / longest);
    }
    return fitted;
  }
}
