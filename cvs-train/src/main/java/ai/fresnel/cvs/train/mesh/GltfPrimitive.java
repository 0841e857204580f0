package ai.fresnel.cvs.train.mesh;

import de.javagl.jgltf.impl.v2.GlTF;
import de.javagl.jgltf.impl.v2.MeshPrimitive;
import java.io.IOException;
import java.util.Map;

/** The numbers of one primitive of a glTF mesh, from its accessors or decompressed. */
final class GltfPrimitive {

  /**
   * The extension of compressed primitives. Their accessors are empty, so a reader without it sees
   * zeros.
   */
  static final String DRACO = "KHR_draco_mesh_compression";

  private final GlTF gltf;
  private final GltfBuffers buffers;
  private final MeshPrimitive primitive;
  private final Map<String, Integer> attributes;

  /** Null if the primitive is not compressed. */
  private final DracoPrimitive draco;

  private final GltfBuffers.Numbers positions;

  /**
   * Opens a primitive.
   *
   * @param gltf the file's JSON
   * @param buffers the numbers of the file
   * @param primitive a primitive with an attribute POSITION
   */
  GltfPrimitive(GlTF gltf, GltfBuffers buffers, MeshPrimitive primitive) throws IOException {
    this.gltf = gltf;
    this.buffers = buffers;
    this.primitive = primitive;
    attributes = primitive.getAttributes();
    Map<?, ?> compressed = GltfMaterials.child(primitive.getExtensions(), DRACO);
    draco = compressed.isEmpty() ? null : decode(compressed);
    positions = numbers("POSITION");
    if (positions.components() != 3) {
      throw new IOException("positions have " + positions.components() + " components, expected 3");
    }
  }

  private DracoPrimitive decode(Map<?, ?> extension) throws IOException {
    if (!(extension.get("bufferView") instanceof Number view)) {
      throw new IOException(DRACO + " names no bufferView");
    }
    return DracoPrimitive.decode(
        buffers.view(view.intValue()), GltfMaterials.child(extension, "attributes"));
  }

  /** Returns the points, three numbers each. */
  GltfBuffers.Numbers positions() {
    return positions;
  }

  /**
   * Returns an attribute of the points.
   *
   * @param attribute its name
   * @param least the least number of components
   * @param most the largest number of components
   * @return as many elements as points or more; null if the primitive has no such attribute
   */
  GltfBuffers.Numbers optional(String attribute, int least, int most) throws IOException {
    if (!attributes.containsKey(attribute)) {
      return null;
    }
    GltfBuffers.Numbers numbers = numbers(attribute);
    if (numbers.components() < least
        || numbers.components() > most
        || numbers.count() < positions.count()) {
      throw new IOException(
          String.format(
              "%d elements of %d numbers do not fit as %s of %d points",
              numbers.count(), numbers.components(), attribute, positions.count()));
    }
    return numbers;
  }

  private GltfBuffers.Numbers numbers(String attribute) throws IOException {
    int index = attributes.get(attribute);
    if (draco != null && draco.has(attribute)) {
      var accessor = GltfReader.get(gltf.getAccessors(), index, "accessor");
      return draco.attribute(attribute, Boolean.TRUE.equals(accessor.isNormalized()));
    }
    return buffers.accessor(index);
  }

  /** Returns the points of the corners; null for each point in turn. */
  GltfBuffers.Numbers indices() throws IOException {
    if (draco != null) {
      return draco.indices();
    }
    return primitive.getIndices() == null ? null : buffers.accessor(primitive.getIndices());
  }

  /** Returns the mode: triangles, a strip or a fan. Decompressed primitives are triangles. */
  int mode() {
    return draco != null || primitive.getMode() == null
        ? GltfReader.TRIANGLES
        : primitive.getMode();
  }
}
