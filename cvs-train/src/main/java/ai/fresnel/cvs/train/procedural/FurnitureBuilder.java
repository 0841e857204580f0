package ai.fresnel.cvs.train.procedural;

import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.Texture;
import java.util.Random;

/**
 * Builds a piece of furniture: random numbers, materials and shapes for all families of {@link
 * ProceduralScenes}.
 */
final class FurnitureBuilder {
  final Random random;
  final ShapeBuilder shape = new ShapeBuilder();

  FurnitureBuilder(long seed) {
    random = Seeds.random(seed, "scene");
  }

  double uniform(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** Returns true with a probability. */
  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** Draws a whole number from low to high, both included. */
  int integer(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  /** Adds wood with grain, sometimes painted, and returns the index of the material. */
  int wood() {
    return chance(0.8) ? textured("wood", ProceduralTextures.wood(random)) : paint();
  }

  /** Adds a cloth and returns the index of the material. */
  int cloth() {
    return switch (random.nextInt(5)) {
      case 0 -> textured("checks", ProceduralTextures.checks(random));
      case 1 -> textured("stripes", ProceduralTextures.stripes(random));
      case 2 -> textured("dots", ProceduralTextures.dots(random));
      default -> textured("fabric", ProceduralTextures.fabric(random));
    };
  }

  /** Adds a random colour and returns the index of the material. */
  int paint() {
    return plain("paint", ProceduralTextures.colour(random));
  }

  /** Adds grey metal or brass and returns the index of the material. */
  int metal() {
    if (chance(0.2)) {
      return plain("brass", 0xc9a44c);
    }
    int grey = integer(60, 215);
    return plain("metal", grey << 16 | grey << 8 | grey);
  }

  int plain(String name, int rgb) {
    return shape.material(
        new Material(
            name,
            ((rgb >> 16) & 255) / 255f,
            ((rgb >> 8) & 255) / 255f,
            (rgb & 255) / 255f,
            1,
            null));
  }

  int textured(String name, Texture texture) {
    return shape.material(new Material(name, 1, 1, 1, 1, texture));
  }

  /** Adds four legs under a rectangle, splayed or straight, square or round. */
  void legs(double width, double depth, double top, double thickness, int material) {
    double splay = chance(0.4) ? uniform(0, 0.06) : 0;
    double taper = chance(0.5) ? uniform(0.5, 1) : 1;
    int sides = chance(0.5) ? 4 : 12;
    for (int i = 0; i < 4; i++) {
      double sx = i % 2 == 0 ? -1 : 1;
      double sy = i < 2 ? -1 : 1;
      double x = sx * (width / 2 - thickness);
      double y = sy * (depth / 2 - thickness);
      shape.beam(
          ShapeBuilder.at(x + sx * splay, y + sy * splay, 0),
          ShapeBuilder.at(x, y, top),
          thickness * taper,
          thickness,
          sides,
          material);
    }
  }

  /** Adds a few objects on a surface, so that no side looks like another. */
  void clutter(double width, double depth, double top) {
    int count = integer(1, 3);
    for (int i = 0; i < count; i++) {
      double x = uniform(-0.36, 0.36) * width;
      double y = uniform(-0.36, 0.36) * depth;
      double s = uniform(0.05, 0.11);
      switch (random.nextInt(3)) {
        case 0 -> shape.block(x, y, top + 0.2 * s, 1.6 * s, 1.2 * s, 0.4 * s, paint());
        case 1 -> {
          double[] cup = {
            0, top, 0.4 * s, top, 0.5 * s, top + s, 0.42 * s, top + s, 0.35 * s, top + 0.1 * s
          };
          shape.lathe(x, y, cup, 16, paint());
        }
        default -> {
          double[] ball = new double[18];
          for (int k = 0; k < 9; k++) {
            ball[2 * k] = 0.6 * s * Math.sin(Math.PI * k / 8);
            ball[2 * k + 1] = top + 0.6 * s * (1 - Math.cos(Math.PI * k / 8));
          }
          shape.lathe(x, y, ball, 16, cloth());
        }
      }
    }
  }
}
