package ai.fresnel.cvs.importer;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What to import.
 *
 * @param kind what the weights are of
 * @param from a file of weights, or a folder as diffusers or transformers write it
 * @param description a folder with the {@code config.json} of diffusers or transformers for a file
 *     that does not say all sizes; empty for the pipeline's folder that a checkpoint is in, or the
 *     published sizes
 * @param unetWeights which of a checkpoint's U-Nets to take
 */
public record ImportSettings(
    ImportKind kind, Path from, Optional<Path> description, UNetWeights unetWeights) {

  /** The weights of a U-Net that a checkpoint has. */
  public enum UNetWeights {
    /** The moving averages, {@code model_ema}, where the checkpoint has them. */
    AVERAGED,

    /** Those that the optimiser left. */
    TRAINED
  }

  /**
   * Imports a file or folder of a published size, with averaged weights if there are any.
   *
   * @param kind what the weights are of
   * @param from a file of weights, or a folder
   * @return the settings
   */
  public static ImportSettings of(ImportKind kind, Path from) {
    return new ImportSettings(kind, from, Optional.empty(), UNetWeights.AVERAGED);
  }

  /**
   * Returns these settings with a description of sizes.
   *
   * @param folder a folder with {@code config.json}, or with the folders of a pipeline
   * @return the settings
   */
  public ImportSettings withDescription(Path folder) {
    return new ImportSettings(kind, from, Optional.of(folder), unetWeights);
  }

  /**
   * Returns these settings with other weights of the U-Net.
   *
   * @param value which to take
   * @return the settings
   */
  public ImportSettings withUNetWeights(UNetWeights value) {
    return new ImportSettings(kind, from, description, value);
  }
}
