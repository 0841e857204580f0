package ai.fresnel.cvs.train.mesh;

import java.io.IOException;
import java.io.StringReader;
import java.util.Set;

/**
 * Reads untrusted Wavefront OBJ files with their MTL files and textures.
 *
 * <p>The library de.javagl:obj parses the files; this package does checks, triangulation, normals
 * and axes.
 */
final class ObjReader {
  /** No rotation. */
  static final float[] IDENTITY = {1, 0, 0, 0, 1, 0, 0, 0, 1};

  private ObjReader() {}

  /**
   * Reads a mesh.
   *
   * @param archive holds the file, its materials and textures
   * @param name the real name of the OBJ file in the archive
   * @param bytes the OBJ file
   * @param turn (3,3), applied to the y-up coordinates of the file, for models that are not stored
   *     upright
   * @param notes receives a line for everything missing and replaced
   * @return the mesh, normalised, +z up
   * @throws IOException in one line naming the file, if it is malformed
   */
  static Mesh read(Archive archive, String name, byte[] bytes, float[] turn, Set<String> notes)
      throws IOException {
    String folder = Archive.folderOf(name);
    MaterialLibrary library = new MaterialLibrary(archive, folder, notes);
    ObjSink sink = new ObjSink(library, turn);
    String text = TextFiles.decode(bytes);
    String stem = name.substring(folder.isEmpty() ? 0 : folder.length() + 1);
    String sameName = stem.replaceFirst("(?i)\\.obj$", ".mtl");
    if (!text.contains("mtllib") && archive.find(folder, sameName) != null) {
      library.load(sameName);
    }
    try {
      de.javagl.obj.ObjReader.read(new StringReader(text), sink);
      return sink.build();
    } catch (IOException | RuntimeException e) {
      throw new IOException(archive.label() + ": " + name + ": " + TextFiles.oneLine(e), e);
    }
  }
}
