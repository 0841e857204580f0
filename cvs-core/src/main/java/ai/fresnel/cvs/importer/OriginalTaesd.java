package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.WeightFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * TAESD as its author publishes it: an encoder and a decoder in two files, whose arrays are named
 * by the number of their layer.
 */
final class OriginalTaesd {

  private static final List<String> ENDINGS = List.of(".safetensors", ".pth");

  private OriginalTaesd() {}

  /** Tells whether a folder has the encoder's file. */
  static boolean isIn(Path folder) {
    return file(folder, "encoder").isPresent();
  }

  /**
   * Opens both files under diffusers' names.
   *
   * @param folder the folder with {@code taesd_encoder} and {@code taesd_decoder}
   * @return the weights; close them after use
   */
  static WeightFile open(Path folder) throws IOException {
    JoinedWeights both = new JoinedWeights(folder);
    try {
      both.add(half(folder, "encoder"), name -> "encoder.layers." + name);
      // The first layer of the decoder bounds its input. diffusers does not count it.
      both.add(half(folder, "decoder"), name -> "decoder.layers." + before(name));
      return both;
    } catch (Throwable e) {
      both.close();
      throw e;
    }
  }

  private static String before(String name) {
    int dot = name.indexOf('.');
    if (dot < 1 || dot > 4 || !name.substring(0, dot).matches("[0-9]+")) {
      return name;
    }
    return Integer.parseInt(name.substring(0, dot)) - 1 + name.substring(dot);
  }

  private static WeightFile half(Path folder, String which) throws IOException {
    return WeightFile.open(
        file(folder, which)
            .orElseThrow(
                () ->
                    new ModelFormatException(
                        folder + ": no taesd_" + which + ".safetensors or .pth, expected one")));
  }

  private static Optional<Path> file(Path folder, String which) {
    return ENDINGS.stream()
        .map(ending -> folder.resolve("taesd_" + which + ending))
        .filter(Files::isRegularFile)
        .findFirst();
  }
}
