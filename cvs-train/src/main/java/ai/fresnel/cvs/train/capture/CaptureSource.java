package ai.fresnel.cvs.train.capture;

import java.io.IOException;

/** A captured object that can be read. Its name is known, its cameras are not read yet. */
public interface CaptureSource {

  /**
   * Returns the object's name.
   *
   * @return letters, digits, points, dashes and underscores; unique in its list
   */
  String id();

  /**
   * Reads the cameras.
   *
   * @return the object
   * @throws IOException in one line naming the file, if it is damaged or not supported
   */
  CapturedObject load() throws IOException;
}
