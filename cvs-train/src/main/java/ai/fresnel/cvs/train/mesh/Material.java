package ai.fresnel.cvs.train.mesh;

/**
 * The material of a surface: Lambertian, with one colour or one texture.
 *
 * @param name the name in the material file, for messages
 * @param red diffuse red, sRGB-encoded, 0..1; a factor of the texture if there is one
 * @param green diffuse green, likewise
 * @param blue diffuse blue, likewise
 * @param opacity 0 (invisible) .. 1 (opaque); a factor of the alpha of the texture
 * @param texture the image on the surface, or null for a plain colour
 */
public record Material(
    String name, float red, float green, float blue, float opacity, Texture texture) {

  /**
   * Checks the ranges.
   *
   * @param name any
   * @param red 0..1
   * @param green 0..1
   * @param blue 0..1
   * @param opacity 0..1
   * @param texture or null
   * @throws IllegalArgumentException if a colour or the opacity is outside 0..1 or not a number
   */
  public Material {
    for (float value : new float[] {red, green, blue, opacity}) {
      if (!(value >= 0 && value <= 1)) {
        throw new IllegalArgumentException(
            "material " + name + ": colour or opacity " + value + ", expected 0..1");
      }
    }
  }

  /**
   * Says whether the surface is translucent.
   *
   * @return true if the background shows through, at least in places
   */
  public boolean isTranslucent() {
    return opacity < 0.995f || (texture != null && texture.hasAlpha());
  }
}
