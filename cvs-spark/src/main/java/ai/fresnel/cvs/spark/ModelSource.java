package ai.fresnel.cvs.spark;

import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.spark.SparkFiles;

/** The model that executors load, in plain values. */
public sealed interface ModelSource extends Serializable {

  /**
   * Loads the model on an executor.
   *
   * @param options device, precision and threads
   * @return the synthesizer; close it after use
   * @throws IOException if the model is missing or damaged; the message names it
   */
  ViewSynthesizer load(SynthesizerOptions options) throws IOException;

  /** The model in the jar of cvs-core. */
  record Bundled() implements ModelSource {
    @Override
    public ViewSynthesizer load(SynthesizerOptions options) throws IOException {
      return ViewSynthesizer.load(options);
    }
  }

  /**
   * A model folder.
   *
   * @param path a folder that every executor reads under this path, or the name of a folder that
   *     Spark has sent to them, as {@code --archives model.zip#model} does
   */
  record Folder(String path) implements ModelSource {

    /**
     * Checks the path.
     *
     * @param path as above
     */
    public Folder {
      Objects.requireNonNull(path, "path is null");
    }

    @Override
    public ViewSynthesizer load(SynthesizerOptions options) throws IOException {
      Path folder = Path.of(path);
      Path sent = Path.of(SparkFiles.get(path));
      boolean isSent = !folder.isAbsolute() && !Files.exists(folder) && Files.exists(sent);
      return ViewSynthesizer.load(isSent ? sent : folder, options);
    }
  }
}
