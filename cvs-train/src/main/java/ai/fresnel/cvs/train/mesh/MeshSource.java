package ai.fresnel.cvs.train.mesh;

import java.io.IOException;

/** One object that can be loaded when its turn comes. */
public interface MeshSource {
  /**
   * The object's name in a view set.
   *
   * @return letters, digits, dots, dashes and underscores, first a letter or digit, below 200;
   *     unique in its list, the same every time
   */
  String id();

  /**
   * Loads it. May be called from any thread.
   *
   * @return the mesh and its origin
   * @throws IOException in one line naming the file, if it cannot be used
   */
  LoadedMesh load() throws IOException;
}
