package ai.fresnel.cvs.train.capture;

import java.io.IOException;

/** A capture that is there to be read: its name is known, its cameras are not yet. */
public interface CaptureSource {

  /**
   * Returns the object's name.
   *
   * @return letters, digits, points, dashes and underscores; no other source of the list has it
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
