package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.codec.KlVae;
import ai.fresnel.cvs.codec.TinyVae;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.torch.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads autoencoders: in diffusers' names, of any version, and in the checkpoints of latent
 * diffusion, alone or as the first stage of another model.
 */
final class AutoencoderImport {

  /** An array that every autoencoder of a kind of file has. */
  private static final String ANCHOR = "decoder.mid.block_1.conv1.weight";

  private static final Set<String> OF_THE_TRAINING = Set.of("loss.", "model_ema.");

  private AutoencoderImport() {}

  /**
   * An autoencoder in files.
   *
   * @param config its shape
   * @param weights its file of weights, or the folder with it
   */
  record Source(AutoencoderConfig config, Path weights) {}

  /**
   * Finds the files of an autoencoder.
   *
   * @param kind one of the two kinds
   * @param from a file of weights, a folder of diffusers, or a pipeline's
   * @param description a folder that says the shape of a file; empty for the published shape
   */
  static Source source(ImportKind kind, Path from, Optional<Path> description) throws IOException {
    boolean original = kind == ImportKind.TAESD && OriginalTaesd.isIn(from);
    Optional<Path> described =
        Files.isDirectory(from) && !original ? Optional.of(from) : description;
    if (described.isEmpty()) {
      AutoencoderConfig published =
          kind == ImportKind.VAE
              ? AutoencoderConfig.KlVae.stableDiffusion()
              : AutoencoderConfig.Taesd.stableDiffusion();
      return new Source(published, from);
    }
    Path folder = described.get();
    if (!Files.exists(folder.resolve(ForeignConfig.NAME))) {
      // A pipeline has it in a folder below.
      folder = folder.resolve(kind.toString());
    }
    ForeignConfig json = ForeignConfig.of(folder);
    AutoencoderConfig config =
        kind == ImportKind.VAE ? DiffusersConfigs.vae(json) : DiffusersConfigs.taesd(json);
    return new Source(config, Files.isDirectory(from) && !original ? folder : from);
  }

  /** Opens the weights: of a file, of a folder, or of TAESD's two original files. */
  static WeightFile open(Source source) throws IOException {
    boolean original =
        source.config instanceof AutoencoderConfig.Taesd && OriginalTaesd.isIn(source.weights);
    return original ? OriginalTaesd.open(source.weights) : WeightFiles.openAny(source.weights);
  }

  /**
   * Finds an autoencoder in a file.
   *
   * @param file the file
   * @param config its shape
   * @throws ModelFormatException if the file does not fit it
   */
  static MappedWeights find(WeightFile file, AutoencoderConfig config) throws ModelFormatException {
    if (config instanceof AutoencoderConfig.Taesd taesd) {
      return MappedWeights.of(
          file,
          Weights.shapes(new TinyVae(taesd, Precision.FLOAT32)),
          Origin.Whole::new,
          name -> false);
    }
    AutoencoderConfig.KlVae kl = (AutoencoderConfig.KlVae) config;
    int levels = kl.channels().size();
    DiffusersNames names = new DiffusersNames(levels, levels);
    Function<String, Origin> stored = Origin.Whole::new;
    Predicate<String> leftAside = name -> false;
    for (String prefix : List.of("", LdmNames.VAE)) {
      if (file.names().contains(prefix + ANCHOR)) {
        stored = name -> LdmNames.vae(prefix, levels, name);
        leftAside =
            prefix.isEmpty()
                ? name -> OF_THE_TRAINING.stream().anyMatch(name::startsWith)
                : name -> !name.startsWith(prefix);
      }
    }
    Function<String, Origin> origin = stored;
    return MappedWeights.of(
        file,
        Weights.shapes(new KlVae(kl, Precision.FLOAT32)),
        path -> joined(file, names.source("vae." + path), origin),
        leftAside);
  }

  private static Origin joined(
      WeightFile file, DiffusersNames.Source source, Function<String, Origin> origin) {
    return Origin.joined(
        source.names().stream().map(name -> origin.apply(OldNames.of(file, "", name))).toList());
  }
}
