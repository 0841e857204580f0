package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.train.mesh.Srgb;
import ai.fresnel.cvs.train.procedural.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Distant lights and a sky, fixed in the world. The light on a surface depends on its normal only,
 * not on the camera.
 */
public final class Lighting {
  /**
   * Linear value of a white surface that faces the light. It is above 1, since most surfaces face
   * the light only in part, and {@link Srgb#encode} has a shoulder for bright values.
   */
  private static final double WHITE = 1.2;

  private record Light(double x, double y, double z, double red, double green, double blue) {}

  private final List<Light> lights;
  private final double sky;
  private final double ground;
  private final double exposure;

  private Lighting(List<Light> lights, double sky, double ground) {
    this.lights = lights;
    this.sky = sky;
    this.ground = ground;
    this.exposure = WHITE / brightest(lights, sky, ground);
  }

  /**
   * Draws a key light, a weaker fill light, sometimes a rim light, and a sky that is brighter than
   * the ground. The exposure shows an average surface in about its own colour.
   *
   * @param seed the same seed gives the same lighting
   * @return the lighting
   */
  public static Lighting random(long seed) {
    Random random = Seeds.random(seed, "lighting");
    List<Light> lights = new ArrayList<>();
    double azimuth = 2 * Math.PI * random.nextDouble();
    double key = uniform(random, 0.75, 1.05);
    lights.add(light(random, azimuth, uniform(random, 25, 65), key));
    double side = (random.nextBoolean() ? 1 : -1) * Math.toRadians(uniform(random, 75, 165));
    double fill = uniform(random, 0.3, 0.55) * key;
    lights.add(light(random, azimuth + side, uniform(random, 5, 45), fill));
    double rimAzimuth = azimuth + Math.PI + uniform(random, -0.6, 0.6);
    double rimElevation = uniform(random, -10, 30);
    if (random.nextBoolean()) {
      lights.add(light(random, rimAzimuth, rimElevation, uniform(random, 0.15, 0.35) * key));
    }
    return new Lighting(lights, uniform(random, 0.5, 0.65), uniform(random, 0.28, 0.42));
  }

  /**
   * Computes the light that falls on a surface.
   *
   * @param nx x of the unit normal
   * @param ny y of the normal
   * @param nz z of the normal
   * @param out receives linear red, green and blue at {@code at}, about 0.25..1.2
   * @param at the first index to write
   */
  void irradiance(double nx, double ny, double nz, float[] out, int at) {
    double ambient = ground + (sky - ground) * (0.5 + 0.5 * nz);
    double red = ambient;
    double green = ambient;
    double blue = ambient;
    for (Light light : lights) {
      double cosine = nx * light.x + ny * light.y + nz * light.z;
      if (cosine > 0) {
        red += cosine * light.red;
        green += cosine * light.green;
        blue += cosine * light.blue;
      }
    }
    out[at] = (float) (exposure * red);
    out[at + 1] = (float) (exposure * green);
    out[at + 2] = (float) (exposure * blue);
  }

  private static Light light(Random random, double azimuth, double degrees, double strength) {
    double elevation = Math.toRadians(degrees);
    // Slightly between lamp light and daylight: colours must stay recognisable.
    double warmth = uniform(random, -0.06, 0.06);
    return new Light(
        Math.cos(elevation) * Math.cos(azimuth),
        Math.cos(elevation) * Math.sin(azimuth),
        Math.sin(elevation),
        strength * (1 + warmth),
        strength,
        strength * (1 - warmth));
  }

  /** Returns the largest green irradiance over directions on a fine spiral. */
  private static double brightest(List<Light> lights, double sky, double ground) {
    double best = 0;
    int n = 512;
    for (int i = 0; i < n; i++) {
      double z = 1 - 2 * (i + 0.5) / n;
      double angle = i * Math.PI * (3 - Math.sqrt(5));
      double r = Math.sqrt(1 - z * z);
      double sum = ground + (sky - ground) * (0.5 + 0.5 * z);
      for (Light light : lights) {
        double cosine = r * Math.cos(angle) * light.x + r * Math.sin(angle) * light.y + z * light.z;
        sum += Math.max(0, cosine) * light.green;
      }
      best = Math.max(best, sum);
    }
    return best;
  }

  private static double uniform(Random random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }
}
