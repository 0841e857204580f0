package ai.fresnel.cvs.train.procedural;

import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.Mesh;

/** A cube of one material, built as the furniture is. */
public final class UnitBox {

  private UnitBox() {}

  /** Returns the cube of side 1 around the origin. */
  public static Mesh of(Material material) {
    ShapeBuilder shape = new ShapeBuilder();
    shape.block(0, 0, 0, 1, 1, 1, shape.material(material));
    return shape.build();
  }
}
