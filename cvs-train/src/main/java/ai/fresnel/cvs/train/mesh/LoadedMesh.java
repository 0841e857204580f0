package ai.fresnel.cvs.train.mesh;

import java.util.List;

/**
 * A mesh and its origin.
 *
 * @param mesh the mesh
 * @param source the file, as {@code archive/path}, or the way it was made
 * @param group its collection, the name of the archive or folder
 * @param stem the file name without its ending, which variants of an object often share; empty
 *     without a file
 * @param sha256 lower-case hexadecimal SHA-256 of the bytes of the mesh file
 * @param licence the licence of its archive, or "unknown"
 * @param creator the author to name, or "unknown"
 * @param notes missing and replaced parts (textures, materials), one line each
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
   * Copies the notes, and makes all names printable: they may come from any archive.
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
    source = TextFiles.printable(source);
    group = TextFiles.printable(group);
    stem = TextFiles.printable(stem);
    licence = TextFiles.printable(licence);
    creator = TextFiles.printable(creator);
    notes = notes.stream().map(TextFiles::printable).toList();
  }

  /**
   * Returns a variant of this object.
   *
   * @param variant its mesh
   * @return that mesh with the origin of this one
   */
  public LoadedMesh withMesh(Mesh variant) {
    return new LoadedMesh(variant, source, group, stem, sha256, licence, creator, notes);
  }
}
