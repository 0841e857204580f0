package ai.fresnel.cvs.train.mesh;

import de.javagl.jgltf.impl.v2.GlTF;
import de.javagl.jgltf.impl.v2.Image;
import de.javagl.jgltf.impl.v2.MaterialPbrMetallicRoughness;
import de.javagl.jgltf.impl.v2.TextureInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Reads the materials of a glTF file: base colour and texture, transparency, texture transforms.
 */
final class GltfMaterials {

  private static final String SPECULAR = "KHR_materials_pbrSpecularGlossiness";
  private static final String TRANSFORM = "KHR_texture_transform";

  private final GlTF gltf;
  private final GltfBuffers buffers;
  private final Set<String> notes;
  private final Map<String, Texture> textures = new HashMap<>();

  GltfMaterials(GlTF gltf, GltfBuffers buffers, Set<String> notes) {
    this.gltf = gltf;
    this.buffers = buffers;
    this.notes = notes;
  }

  /** A material and the placement of its texture. */
  static final class Surface {

    private final Material material;
    private final int set;

    /** (2,3) row by row, from coordinates of the file to those of the texture. */
    private final float[] transform;

    Surface(Material material, int set, float[] transform) {
      this.material = material;
      this.set = set;
      this.transform = transform;
    }

    Material material() {
      return material;
    }

    /** Returns the number of its set of texture coordinates. */
    int set() {
      return set;
    }

    /** Converts coordinates of the file, v downward, to those of a mesh, v upward. */
    void uv(float u, float v, float[] out, int at) {
      out[at] = transform[0] * u + transform[1] * v + transform[2];
      out[at + 1] = 1 - (transform[3] * u + transform[4] * v + transform[5]);
    }
  }

  /** Returns the material of an index; null stands for the default, white. */
  Surface surface(Integer index) throws IOException {
    if (index == null) {
      return new Surface(new Material("", 1, 1, 1, 1, null), 0, transform(Map.of()));
    }
    var material = GltfReader.get(gltf.getMaterials(), index, "material");
    MaterialPbrMetallicRoughness pbr = material.getPbrMetallicRoughness();
    float[] factor = {1, 1, 1, 1};
    Integer texture = null;
    Integer set = null;
    Map<?, ?> transform = Map.of();
    if (pbr != null) {
      float[] given = pbr.getBaseColorFactor();
      factor = given == null || given.length != 4 ? factor : given;
      TextureInfo info = pbr.getBaseColorTexture();
      if (info != null) {
        texture = info.getIndex();
        set = info.getTexCoord();
        transform = child(info.getExtensions(), TRANSFORM);
      }
    }
    // The older extension, still common in collections.
    Map<?, ?> specular = child(material.getExtensions(), SPECULAR);
    if (!specular.isEmpty()) {
      factor = floats(specular.get("diffuseFactor"), factor);
      Map<?, ?> info = child(specular, "diffuseTexture");
      if (!info.isEmpty()) {
        texture = integer(info.get("index"));
        set = integer(info.get("texCoord"));
        transform = child(child(info, "extensions"), TRANSFORM);
      }
    }
    set = transform.containsKey("texCoord") ? integer(transform.get("texCoord")) : set;
    String mode = material.getAlphaMode() == null ? "OPAQUE" : material.getAlphaMode();
    float cutoff = material.getAlphaCutoff() == null ? 0.5f : material.getAlphaCutoff();
    String name = material.getName() == null ? "material " + index : material.getName();
    float opacity =
        switch (mode) {
          case "BLEND" -> unit(factor[3]);
          case "MASK" -> (factor[3] > 0 && texture != null) || factor[3] >= cutoff ? 1 : 0;
          default -> 1;
        };
    Texture image =
        texture == null ? null : texture(texture, mode, cutoff / Math.max(factor[3], 1e-6f));
    Material made =
        new Material(
            name,
            colour(factor[0], image),
            colour(factor[1], image),
            colour(factor[2], image),
            opacity,
            image);
    return new Surface(made, set == null ? 0 : set, transform(transform));
  }

  private Texture texture(int index, String mode, float cutoff) throws IOException {
    Integer source = GltfReader.get(gltf.getTextures(), index, "texture").getSource();
    if (source == null) {
      notes.add("texture " + index + " is in a format that is not supported");
      return null;
    }
    IntUnaryOperator alpha =
        switch (mode) {
          case "BLEND" -> argb -> argb;
          case "MASK" ->
              argb -> (argb >>> 24) / 255f >= cutoff ? argb | 0xFF000000 : argb & 0xFFFFFF;
          default -> argb -> argb | 0xFF000000;
        };
    String key = source + mode + (mode.equals("MASK") ? cutoff : "");
    if (!textures.containsKey(key)) {
      Texture texture = null;
      try {
        texture = TextureDecoder.decode(image(source), alpha);
      } catch (IOException e) {
        notes.add("image " + source + " is unusable: " + TextFiles.oneLine(e));
      }
      textures.put(key, texture);
    }
    return textures.get(key);
  }

  private byte[] image(int index) throws IOException {
    Image image = GltfReader.get(gltf.getImages(), index, "image");
    if (image.getUri() != null) {
      return buffers.read(image.getUri());
    }
    ByteBuffer view = buffers.view(image.getBufferView());
    byte[] bytes = new byte[view.remaining()];
    view.get(bytes);
    return bytes;
  }

  /** Returns offset times rotation times scale, as the extension defines. */
  private static float[] transform(Map<?, ?> extension) {
    float[] offset = floats(extension.get("offset"), new float[] {0, 0});
    float[] scale = floats(extension.get("scale"), new float[] {1, 1});
    double angle = extension.get("rotation") instanceof Number n ? n.doubleValue() : 0;
    float cos = (float) Math.cos(angle);
    float sin = (float) Math.sin(angle);
    return new float[] {
      cos * scale[0], sin * scale[1], offset[0], -sin * scale[0], cos * scale[1], offset[1]
    };
  }

  private static float colour(float factor, Texture texture) {
    return texture == null ? MaterialLibrary.lifted(encoded(factor)) : encoded(factor);
  }

  /** Converts a factor from linear light, as in glTF, to sRGB. */
  private static float encoded(float linear) {
    float c = unit(linear);
    return c <= 0.0031308f ? 12.92f * c : (float) (1.055 * Math.pow(c, 1 / 2.4) - 0.055);
  }

  private static float unit(float value) {
    return value > 0 ? Math.min(value, 1) : 0;
  }

  /** Returns a child object; empty if there is none. */
  static Map<?, ?> child(Map<?, ?> parent, String name) {
    return parent != null && parent.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  private static Integer integer(Object value) {
    return value instanceof Number n ? Integer.valueOf(n.intValue()) : null;
  }

  private static float[] floats(Object value, float[] otherwise) {
    if (!(value instanceof List<?> list) || list.size() != otherwise.length) {
      return otherwise;
    }
    float[] numbers = new float[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(list.get(i) instanceof Number n)) {
        return otherwise;
      }
      numbers[i] = n.floatValue();
    }
    return numbers;
  }
}
