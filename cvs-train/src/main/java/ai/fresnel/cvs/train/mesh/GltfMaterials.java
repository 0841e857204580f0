package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Reads the materials of a glTF file: base colour and texture, transparency, texture transforms,
 * wrap modes.
 */
final class GltfMaterials {

  private static final String SPECULAR = "KHR_materials_pbrSpecularGlossiness";
  private static final String TRANSFORM = "KHR_texture_transform";

  // Wrap modes of samplers.
  private static final int REPEAT = 10497;
  private static final int CLAMP_TO_EDGE = 33071;
  private static final int MIRRORED_REPEAT = 33648;

  private final GltfFile file;
  private final GltfBuffers buffers;
  private final ObjectFiles files;

  GltfMaterials(GltfFile file, GltfBuffers buffers) {
    this.file = file;
    this.buffers = buffers;
    files = file.files();
    files.expectTextures(baseImages());
  }

  /** Counts the images of base colours. */
  private int baseImages() {
    List<JsonValue> textures = file.list("textures");
    List<JsonValue> images = file.list("images");
    Set<String> names = new HashSet<>();
    for (JsonValue material : file.list("materials")) {
      try {
        JsonValue info = base(material).texture;
        int texture = info == null ? -1 : GltfFile.integer(info, "index", -1);
        if (texture >= 0 && texture < textures.size()) {
          int image = GltfFile.integer(textures.get(texture), "source", -1);
          boolean found = image >= 0 && image < images.size();
          String number = "image " + image;
          names.add(found ? GltfFile.text(images.get(image), "uri", number) : number);
        }
      } catch (JsonException e) {
        // Said when the material is used.
      }
    }
    return names.size();
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

  /** The base colour of a material: a factor and maybe a texture. */
  private static final class Base {
    private final double[] factor;

    /** Null without a texture. */
    private final JsonValue texture;

    Base(double[] factor, JsonValue texture) {
      this.factor = factor;
      this.texture = texture;
    }
  }

  /** Returns the material of an index; null stands for the default, white. */
  Surface surface(Integer index) throws IOException {
    if (index == null) {
      return new Surface(new Material("", 1, 1, 1, 1, null), 0, transform(Optional.empty()));
    }
    JsonValue material = file.get("materials", index);
    Base base = base(material);
    if (isEmissive(material)) {
      files.note("emissive light of materials is left out");
    }
    String mode = GltfFile.text(material, "alphaMode", "OPAQUE");
    float cutoff = (float) GltfFile.number(material, "alphaCutoff", 0.5);
    float alpha = (float) base.factor[3];
    Texture image = null;
    int set = 0;
    Optional<JsonValue> transform = Optional.empty();
    if (base.texture != null) {
      transform = GltfFile.extension(base.texture, TRANSFORM);
      set = GltfFile.integer(base.texture, "texCoord", 0);
      set = transform.isPresent() ? GltfFile.integer(transform.get(), "texCoord", set) : set;
      int texture = GltfFile.integer(base.texture, "index", -1);
      image = texture < 0 ? null : texture(texture, mode, cutoff / Math.max(alpha, 1e-6f));
    }
    float opacity =
        switch (mode) {
          case "BLEND" -> unit(alpha);
          case "MASK" -> (alpha > 0 && base.texture != null) || alpha >= cutoff ? 1 : 0;
          default -> 1;
        };
    Material made =
        new Material(
            GltfFile.text(material, "name", "material " + index),
            colour((float) base.factor[0], image),
            colour((float) base.factor[1], image),
            colour((float) base.factor[2], image),
            opacity,
            image);
    return new Surface(made, set, transform(transform));
  }

  private static Base base(JsonValue material) {
    double[] white = {1, 1, 1, 1};
    Base base =
        GltfFile.member(material, "pbrMetallicRoughness")
            .map(
                pbr ->
                    new Base(
                        GltfFile.numbers(pbr, "baseColorFactor", white),
                        GltfFile.member(pbr, "baseColorTexture").orElse(null)))
            .orElse(new Base(white, null));
    // The older extension, still common in collections.
    return GltfFile.extension(material, SPECULAR)
        .map(
            specular ->
                new Base(
                    GltfFile.numbers(specular, "diffuseFactor", base.factor),
                    GltfFile.member(specular, "diffuseTexture").orElse(base.texture)))
        .orElse(base);
  }

  private static boolean isEmissive(JsonValue material) {
    for (double factor : GltfFile.numbers(material, "emissiveFactor", 0, 0, 0)) {
      if (factor > 0) {
        return true;
      }
    }
    return false;
  }

  private Texture texture(int index, String mode, float cutoff) throws IOException {
    JsonValue texture = file.get("textures", index);
    int source = GltfFile.integer(texture, "source", -1);
    if (source < 0) {
      files.note("texture " + index + " is in a format that is not supported");
      return null;
    }
    IntUnaryOperator alpha =
        switch (mode) {
          case "BLEND" -> argb -> argb;
          case "MASK" ->
              argb -> (argb >>> 24) / 255f >= cutoff ? argb | 0xFF000000 : argb & 0xFFFFFF;
          default -> argb -> argb | 0xFF000000;
        };
    String what = "image " + source;
    try {
      JsonValue image = file.get("images", source);
      String uri = GltfFile.text(image, "uri", null);
      String real = uri == null || GltfBuffers.isData(uri) ? null : buffers.find(uri);
      String key = (real == null ? what : real) + "\n" + mode;
      Texture decoded =
          files.texture(
              mode.equals("MASK") ? key + cutoff : key, what, () -> bytes(image, uri, real), alpha);
      return decoded == null ? null : wrapped(decoded, GltfFile.integer(texture, "sampler", -1));
    } catch (IOException | RuntimeException e) {
      files.note(what + " is unusable: " + TextFiles.oneLine(e));
      return null;
    }
  }

  private byte[] bytes(JsonValue image, String uri, String real) throws IOException {
    if (real != null) {
      return files.read(real, MeshFiles.MAX_BYTES);
    } else if (uri != null) {
      return buffers.data(uri);
    }
    ByteBuffer view = buffers.view(image.get("bufferView").integer());
    byte[] bytes = new byte[view.remaining()];
    view.get(bytes);
    return bytes;
  }

  private Texture wrapped(Texture texture, int sampler) throws IOException {
    if (sampler < 0) {
      return texture;
    }
    JsonValue modes = file.get("samplers", sampler);
    return texture.wrapped(
        wrap(GltfFile.integer(modes, "wrapS", REPEAT)),
        wrap(GltfFile.integer(modes, "wrapT", REPEAT)));
  }

  private static Texture.Wrap wrap(int mode) {
    return switch (mode) {
      case CLAMP_TO_EDGE -> Texture.Wrap.CLAMP;
      case MIRRORED_REPEAT -> Texture.Wrap.MIRROR;
      default -> Texture.Wrap.REPEAT;
    };
  }

  /** Returns offset times rotation times scale, as the extension defines. */
  private static float[] transform(Optional<JsonValue> extension) {
    double[] offset = {0, 0};
    double[] scale = {1, 1};
    double angle = 0;
    if (extension.isPresent()) {
      offset = GltfFile.numbers(extension.get(), "offset", offset);
      scale = GltfFile.numbers(extension.get(), "scale", scale);
      angle = GltfFile.number(extension.get(), "rotation", 0);
    }
    float cos = (float) Math.cos(angle);
    float sin = (float) Math.sin(angle);
    float across = (float) scale[0];
    float down = (float) scale[1];
    return new float[] {
      cos * across, sin * down, (float) offset[0], -sin * across, cos * down, (float) offset[1]
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
}
