package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.checkpoint.WeightFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Finds the file of weights in a folder of diffusers or transformers. */
final class WeightFiles {

  /** The names the libraries give, the safer format first. */
  private static final List<String> NAMES =
      List.of(
          "model.safetensors",
          "diffusion_pytorch_model.safetensors",
          "pytorch_model.bin",
          "diffusion_pytorch_model.bin");

  private WeightFiles() {}

  /**
   * Opens a file of weights, which may be a checkpoint of a training run, or that of a folder.
   *
   * @param path the file or folder
   * @return its weights; close them after use
   */
  static WeightFile openAny(Path path) throws IOException {
    return Files.isDirectory(path) ? open(path) : WeightFile.openTraining(path);
  }

  /**
   * Opens the weights of a folder.
   *
   * @param folder the folder
   * @return its weights; close them after use
   * @throws NoSuchFileException if it has none under a usual name
   */
  static WeightFile open(Path folder) throws IOException {
    for (String name : NAMES) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        return WeightFile.open(file);
      }
    }
    for (String name : NAMES) {
      Path index = folder.resolve(name + ".index.json");
      if (Files.isRegularFile(index)) {
        return Shards.open(index);
      }
    }
    throw new NoSuchFileException(
        folder.toString(), null, "expected one of " + String.join(", ", NAMES));
  }
}
