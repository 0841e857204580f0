package ai.fresnel.cvs.train.capture;

import java.io.IOException;

/**
 * An object, or a folder of objects, that cannot be read. It is listed, so that it is counted and
 * the others are read.
 */
record UnreadableSource(String id, String problem) implements CaptureSource {

  @Override
  public CapturedObject load() throws IOException {
    throw new IOException(problem);
  }
}
