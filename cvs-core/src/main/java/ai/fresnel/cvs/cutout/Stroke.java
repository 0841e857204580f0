package ai.fresnel.cvs.cutout;

/**
 * A straight stroke of a round brush, in pixels of the photograph from its top left corner.
 *
 * @param fromX where it begins
 * @param fromY where it begins
 * @param toX where it ends; the same point for a dab
 * @param toY where it ends
 * @param radius of the brush, at least 0.5
 */
public record Stroke(double fromX, double fromY, double toX, double toY, double radius) {

  /**
   * Checks the numbers.
   *
   * @param fromX as above
   * @param fromY as above
   * @param toX as above
   * @param toY as above
   * @param radius as above
   * @throws IllegalArgumentException if a number is not finite, or the radius below 0.5
   */
  public Stroke {
    if (!Double.isFinite(fromX + fromY + toX + toY) || !(radius >= 0.5)) {
      throw new IllegalArgumentException(
          String.format(
              "stroke is from %s,%s to %s,%s with radius %s, expected a radius of 0.5 or more",
              fromX, fromY, toX, toY, radius));
    }
  }

  /** Returns whether a point is within the radius, or half a cell of it: no stroke is lost. */
  boolean covers(double x, double y, double cell) {
    double alongX = toX - fromX;
    double alongY = toY - fromY;
    double length = alongX * alongX + alongY * alongY;
    double share = length == 0 ? 0 : ((x - fromX) * alongX + (y - fromY) * alongY) / length;
    double clamped = Math.min(1, Math.max(0, share));
    double reach = Math.max(radius, 0.71 * cell);
    double offX = x - fromX - clamped * alongX;
    double offY = y - fromY - clamped * alongY;
    return offX * offX + offY * offY <= reach * reach;
  }
}
