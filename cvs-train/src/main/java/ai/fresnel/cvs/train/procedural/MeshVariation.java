package ai.fresnel.cvs.train.procedural;

import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.mesh.Texture;
import java.awt.Color;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes variants of an object: stretched along its axes, in other colours, with other textures.
 *
 * @param stretch the largest relative change of the length of a side, 0 to 0.5
 * @param hue the largest turn of the hue of plain materials either way, radians, 0 to π
 * @param textureSwap the share of textures that are replaced by procedural ones, 0 to 1
 */
public record MeshVariation(double stretch, double hue, double textureSwap)
    implements Serializable {

  /** No variation. */
  public static final MeshVariation NONE = new MeshVariation(0, 0, 0);

  /**
   * Checks the values.
   *
   * @param stretch 0 to 0.5
   * @param hue 0 to π
   * @param textureSwap 0 to 1
   * @throws IllegalArgumentException if a value is out of its range
   */
  public MeshVariation {
    if (!(stretch >= 0 && stretch <= 0.5)
        || !(hue >= 0 && hue <= Math.PI)
        || !(textureSwap >= 0 && textureSwap <= 1)) {
      throw new IllegalArgumentException(
          "stretch "
              + stretch
              + ", hue "
              + hue
              + ", textureSwap "
              + textureSwap
              + ", expected 0 to 0.5, 0 to π and 0 to 1");
    }
  }

  /**
   * Makes a variant.
   *
   * @param mesh the object
   * @param seed the same seed makes the same variant
   * @return a mesh that shares unchanged parts
   */
  public Mesh apply(Mesh mesh, long seed) {
    if (equals(NONE)) {
      return mesh;
    }
    Random random = Seeds.random(seed, "variation");
    double[] scale = new double[3];
    for (int c = 0; c < 3; c++) {
      scale[c] = 1 + stretch * (2 * random.nextDouble() - 1);
    }
    List<Material> materials = new ArrayList<>();
    for (Material material : mesh.materials()) {
      materials.add(vary(material, random));
    }
    return mesh.stretched(scale).withMaterials(materials);
  }

  private Material vary(Material material, Random random) {
    double turn = hue * (2 * random.nextDouble() - 1) / (2 * Math.PI);
    boolean swap = random.nextDouble() < textureSwap;
    long textureSeed = random.nextLong();
    Texture texture = material.texture();
    if (texture != null) {
      return swap && !texture.hasAlpha()
          ? new Material(
              material.name(), 1, 1, 1, material.opacity(), made(new Random(textureSeed)))
          : material;
    }
    float[] hsb =
        Color.RGBtoHSB(
            Math.round(255 * material.red()),
            Math.round(255 * material.green()),
            Math.round(255 * material.blue()),
            null);
    int rgb = Color.HSBtoRGB(hsb[0] + (float) turn, hsb[1], hsb[2]);
    return new Material(
        material.name(),
        ((rgb >> 16) & 255) / 255f,
        ((rgb >> 8) & 255) / 255f,
        (rgb & 255) / 255f,
        material.opacity(),
        null);
  }

  private static Texture made(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> ProceduralTextures.checks(random);
      case 1 -> ProceduralTextures.stripes(random);
      case 2 -> ProceduralTextures.dots(random);
      case 3 -> ProceduralTextures.fabric(random);
      default -> ProceduralTextures.wood(random);
    };
  }
}
