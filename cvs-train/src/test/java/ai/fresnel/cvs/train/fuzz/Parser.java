package ai.fresnel.cvs.train.fuzz;

import java.nio.file.Path;
import java.util.List;

/**
 * A reader of files from outside.
 *
 * @param name of the parser
 * @param words of the format
 * @param seeds sound files
 * @param reading reads the folder as the library does
 */
record Parser(String name, List<String> words, List<Seed> seeds, Reading reading) {

  /** Reads a folder with a damaged file. */
  interface Reading {
    /** Reads; an exception of the library is a refusal, anything else a fault. */
    void read(Path root) throws Exception;
  }

  @Override
  public String toString() {
    return name;
  }
}
