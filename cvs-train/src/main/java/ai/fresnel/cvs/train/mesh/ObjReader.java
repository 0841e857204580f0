package ai.fresnel.cvs.train.mesh;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Reads untrusted Wavefront OBJ files with their MTL files and textures.
 *
 * <p>Tolerates what other readers do, with a note: bad normals and texture coordinates, vertices
 * that are no numbers, parts of a corner left empty. Colours of vertices ({@code v x y z r g b})
 * are sRGB-encoded factors of the material's colour.
 */
final class ObjReader {
  /** No rotation. */
  static final float[] IDENTITY = {1, 0, 0, 0, 1, 0, 0, 0, 1};

  /** Stands for a part of a corner that the face leaves out. */
  private static final int NONE = -1;

  private final ObjectFiles files;
  private final MaterialLibrary library;

  /** (3,3) row by row, applied before y-up becomes z-up. */
  private final float[] turn;

  private final MeshBuilder builder = new MeshBuilder();
  private final Polygons polygons = new Polygons();
  private final Map<String, Integer> materialIndices = new LinkedHashMap<>();
  private final Set<String> libraries = new LinkedHashSet<>();
  private String material = "";
  private int line;

  /** Vertices with a coordinate that is no finite number. */
  private final BitSet bad = new BitSet();

  /** Red, green and blue for each vertex as in the file, NaN for none; null without any. */
  private float[] colours;

  private float brightest = 1;
  private float[] uvs = new float[512];
  private int uvCount;
  private float[] normals = new float[768];
  private int normalCount;

  /** Vertex, texture coordinates and normal for each corner of the current face. */
  private int[] corners = new int[12];

  private ObjReader(ObjectFiles files, float[] turn) {
    this.files = files;
    this.turn = turn;
    library = new MaterialLibrary(files);
  }

  /**
   * Reads a mesh.
   *
   * @param files the files of the object
   * @param bytes the OBJ file
   * @param turn (3,3), applied to the y-up coordinates of the file, for models that are not stored
   *     upright
   * @return the mesh, normalised, +z up
   * @throws IOException in one line naming the file, if it is malformed
   */
  static Mesh read(ObjectFiles files, byte[] bytes, float[] turn) throws IOException {
    ObjReader reader = new ObjReader(files, turn);
    try {
      return reader.read(TextFiles.decode(bytes));
    } catch (IOException | RuntimeException e) {
      throw new IOException(files.label() + ": " + TextFiles.oneLine(e), e);
    }
  }

  private Mesh read(String text) throws IOException {
    BufferedReader lines = new BufferedReader(new StringReader(text));
    for (String next = lines.readLine(); next != null; next = lines.readLine()) {
      line++;
      String whole = next;
      int first = line;
      if (next.endsWith("\\")) {
        StringBuilder joined = new StringBuilder();
        while (next != null && next.endsWith("\\")) {
          joined.append(next, 0, next.length() - 1).append(' ');
          next = lines.readLine();
          line++;
        }
        whole = joined.append(next == null ? "" : next).toString();
      }
      try {
        statement(new TextFiles.Words(whole));
      } catch (IllegalArgumentException e) {
        throw new IOException("line " + first + ": " + TextFiles.oneLine(e), e);
      }
    }
    return build();
  }

  private void statement(TextFiles.Words words) throws IOException {
    String keyword = words.next();
    if (keyword == null) {
      return;
    }
    switch (keyword) {
      case "v" -> vertex(words);
      case "vt" -> textureCoordinate(words);
      case "vn" -> normal(words);
      case "f", "fo" -> face(words);
      case "usemtl" -> material = words.rest();
      case "mtllib" -> libraries.add(words.rest());
      case "curv", "curv2", "surf" -> files.note("curves and surfaces are left out");
      default -> {
        // Groups, smoothing, points and lines do not affect the image.
      }
    }
  }

  private void vertex(TextFiles.Words words) throws IOException {
    files.budget().vertices(1);
    double[] n = new double[7];
    int count = words.numbers(n);
    double x = turned(0, n);
    double y = -turned(2, n);
    double z = turned(1, n);
    if (count < 3 || !Double.isFinite(x) || !Double.isFinite(y) || !Double.isFinite(z)) {
      files.note("line " + line + ": vertex is not three finite numbers; its faces are left out");
      bad.set(builder.addPosition(0, 0, 0));
    } else {
      builder.addPosition(x, y, z);
    }
    if (count >= 6) {
      colour(builder.positionCount() - 1, n);
    }
  }

  private void colour(int vertex, double[] n) {
    int from = colours == null ? 0 : colours.length;
    if (3 * vertex + 3 > from) {
      colours = Arrays.copyOf(from == 0 ? new float[0] : colours, Math.max(6 * vertex + 6, 768));
      Arrays.fill(colours, from, colours.length, Float.NaN);
    }
    for (int c = 0; c < 3; c++) {
      float value = (float) n[3 + c];
      colours[3 * vertex + c] = value;
      brightest = value > brightest ? value : brightest;
    }
  }

  private void textureCoordinate(TextFiles.Words words) {
    double[] n = new double[2];
    words.numbers(n);
    if (uvCount + 2 > uvs.length) {
      uvs = Arrays.copyOf(uvs, 2 * uvs.length);
    }
    for (double value : n) {
      boolean finite = Float.isFinite((float) value);
      uvs[uvCount++] = finite ? (float) value : 0;
      if (!finite) {
        files.note("line " + line + ": texture coordinate is not a finite number; 0 instead");
      }
    }
  }

  private void normal(TextFiles.Words words) {
    double[] n = new double[3];
    int count = words.numbers(n);
    if (normalCount + 3 > normals.length) {
      normals = Arrays.copyOf(normals, 2 * normals.length);
    }
    float x = (float) turned(0, n);
    float y = (float) -turned(2, n);
    float z = (float) turned(1, n);
    boolean given = count == 3 && Float.isFinite(x) && Float.isFinite(y) && Float.isFinite(z);
    if (!given) {
      files.note("line " + line + ": normal is not three finite numbers; computed instead");
    }
    // Zeros stand for normals that are computed.
    normals[normalCount++] = given ? x : 0;
    normals[normalCount++] = given ? y : 0;
    normals[normalCount++] = given ? z : 0;
  }

  private void face(TextFiles.Words words) throws IOException {
    int n = 0;
    boolean broken = false;
    for (String word = words.next(); word != null; word = words.next()) {
      if (3 * n + 3 > corners.length) {
        corners = Arrays.copyOf(corners, 2 * corners.length);
      }
      corner(word, 3 * n);
      broken |= bad.get(corners[3 * n]);
      n++;
    }
    if (n < 3 || broken) {
      return; // Some files hold lines written as faces: nothing to see.
    }
    files.budget().triangles(n - 2);
    double[] xyz = new double[3 * n];
    for (int i = 0; i < xyz.length; i++) {
      xyz[i] = builder.position(corners[i - i % 3], i % 3);
    }
    int index = materialIndices.computeIfAbsent(material, this::placeholder);
    int[] cut = polygons.triangulate(xyz);
    for (int i = 0; i < cut.length; i += 3) {
      triangle(3 * cut[i], 3 * cut[i + 1], 3 * cut[i + 2], index);
    }
  }

  /** Parses {@code v}, {@code v/vt}, {@code v//vn} or {@code v/vt/vn}; parts may be empty. */
  private void corner(String word, int at) {
    int first = word.indexOf('/');
    int second = first < 0 ? -1 : word.indexOf('/', first + 1);
    String v = first < 0 ? word : word.substring(0, first);
    String vt = first < 0 ? "" : word.substring(first + 1, second < 0 ? word.length() : second);
    String vn = second < 0 ? "" : word.substring(second + 1);
    corners[at] = index(v, builder.positionCount(), "vertex");
    corners[at + 1] = vt.isEmpty() ? NONE : index(vt, uvCount / 2, "texture coordinate");
    corners[at + 2] = vn.isEmpty() ? NONE : index(vn, normalCount / 3, "normal");
  }

  /** Parses an index from 1 up, or from -1 down for the last ones. */
  private static int index(String word, int count, String what) {
    int given;
    try {
      given = Integer.parseInt(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "a face refers to " + what + " \"" + word + "\", expected a number", e);
    }
    long index = given < 0 ? (long) count + given : given - 1L;
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException(
          "a face refers to " + what + " " + (given < 0 ? given : index + 1) + " of " + count);
    }
    return (int) index;
  }

  private void triangle(int a, int b, int c, int index) {
    int[] at = {a, b, c};
    float[] uv = new float[6];
    float[] normal = new float[9];
    boolean hasUv = true;
    boolean hasNormal = true;
    for (int k = 0; k < 3; k++) {
      int vt = corners[at[k] + 1];
      int vn = corners[at[k] + 2];
      hasUv &= vt != NONE;
      hasNormal &= vn != NONE;
      if (hasUv) {
        System.arraycopy(uvs, 2 * vt, uv, 2 * k, 2);
      }
      if (hasNormal) {
        System.arraycopy(normals, 3 * vn, normal, 3 * k, 3);
      }
    }
    builder.addTriangle(
        corners[a], corners[b], corners[c], hasNormal ? normal : null, hasUv ? uv : null, index);
  }

  /** Defines the materials, which may stand after the faces, and builds. */
  private Mesh build() throws IOException {
    if (libraries.isEmpty()) {
      String stem = files.name().substring(files.name().lastIndexOf('/') + 1);
      String sameName = stem.replaceFirst("(?i)\\.obj$", ".mtl");
      if (files.find(sameName) != null) {
        library.load(sameName);
      }
    }
    libraries.forEach(library::loadAll);
    library.expectTextures();
    float[][] placements = new float[materialIndices.size()][];
    materialIndices.forEach(
        (name, index) -> {
          MaterialLibrary.Look look = library.look(name, colours != null);
          builder.setMaterial(index, look.material());
          placements[index] = look.placement();
        });
    builder.placeTextures(placements);
    if (colours != null) {
      builder.colourVertices(linearColours());
    }
    return builder.build();
  }

  private int placeholder(String name) {
    return builder.addMaterial(new Material(name, 1, 1, 1, 1, null));
  }

  /** Returns linear light; white where a vertex has no colour or a bad one. */
  private float[] linearColours() {
    float[] linear = new float[3 * builder.positionCount()];
    Arrays.fill(linear, 1);
    float scale = 1;
    if (brightest > 1) {
      scale = 255;
      files.note("colours of vertices go beyond 1: taken as 0 to 255");
    }
    for (int i = 0; i < Math.min(linear.length, colours.length); i++) {
      float value = colours[i] / scale;
      if (!Float.isNaN(value)) {
        linear[i] = (float) Srgb.decode(Math.max(0, Math.min(1, value)));
      }
    }
    return linear;
  }

  private double turned(int row, double[] v) {
    return turn[3 * row] * v[0] + turn[3 * row + 1] * v[1] + turn[3 * row + 2] * v[2];
  }
}
