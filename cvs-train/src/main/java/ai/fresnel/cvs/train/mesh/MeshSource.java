package ai.fresnel.cvs.train.mesh;

import java.io.IOException;

/** An object that can be loaded. */
public interface MeshSource {
  /**
   * Returns the name of the object in a view set.
   *
   * @return letters, digits, dots, dashes, underscores and, in front of the number of a variant, a
   *     tilde, beginning with a letter or digit, shorter than 200; unique in its list and always
   *     the same
   */
  String id();

  /**
   * Loads the object. May be called on any thread.
   *
   * @return the mesh and its origin
   * @throws IOException in one line naming the file, if it cannot be loaded
   */
  LoadedMesh load() throws IOException;
}
