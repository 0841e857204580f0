package ai.fresnel.cvs.train.mesh;

import java.util.List;

/**
 * A mesh and where it is from.
 *
 * @param mesh the mesh
 * @param source the file it was read from, as {@code archive/path}, or how it was made
 * @param group the collection it belongs to: the archive's or the folder's name
 * @param stem the file's name without its ending, which variants of an object often share; empty if
 *     there is no file
 * @param sha256 lower-case hexadecimal SHA-256 of the mesh file's bytes, the same wherever the file
 *     is found
 * @param licence what its archive says, or "unknown"
 * @param creator whom to name, or "unknown"
 * @param notes what was missing and replaced (textures, materials), one line each
 */
public record LoadedMesh(
    Mesh mesh,
    String source,
    String group,
    String stem,
    String sha256,
    String licence,
    String creator,
    List<String> notes) {

  /**
   * Keeps its own copy of the notes.
   *
   * @param mesh not null
   * @param source any
   * @param group any
   * @param stem any
   * @param sha256 any
   * @param licence any
   * @param creator any
   * @param notes without null
   */
  public LoadedMesh {
    notes = List.copyOf(notes);
  }
}
