package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.importer.ImportKind;
import ai.fresnel.cvs.importer.ImportReport;
import ai.fresnel.cvs.importer.ImportSettings;
import ai.fresnel.cvs.importer.ImportSettings.UNetWeights;
import ai.fresnel.cvs.importer.ModelImporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs import}: published weights of other projects to a folder of ours. */
@Command(
    name = "import",
    description = {
      "Import published weights: a model folder of Zero123's family, or an encoder or autoencoder.",
      "Reads checkpoints of PyTorch, without running them, and safetensors."
    })
final class ImportVerb extends Verb {

  @Option(
      names = "--from",
      required = true,
      paramLabel = "PATH",
      description = "A file of weights, or a folder as diffusers or transformers write it.")
  Path from;

  @Option(
      names = "--as",
      required = true,
      paramLabel = "KIND",
      description =
          "What it is: zero123 or stable-zero123 (a checkpoint), diffusers (a pipeline's folder), "
              + "dinov2, vae or taesd.")
  ImportKind kind;

  @Option(
      names = "--config",
      paramLabel = "DIR",
      description =
          "For a file of unusual size: a folder with the config.json of diffusers or transformers, "
              + "or with the folders of a pipeline.")
  Path config;

  @Option(
      names = "--trained",
      description =
          "Take the U-Net's trained weights, not their moving averages (model_ema), "
              + "which are taken where a checkpoint has them.")
  boolean trained;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder to write.")
  Path output;

  @Override
  public Integer call() throws IOException {
    ImportSettings settings = ImportSettings.of(kind, requireExists(from));
    if (config != null) {
      settings = settings.withDescription(requireExists(config));
    }
    if (trained) {
      settings = settings.withUNetWeights(UNetWeights.TRAINED);
    }
    Progress[] shown = {null};
    ImportReport report;
    try {
      report =
          new ModelImporter(
                  settings,
                  (done, total) -> {
                    if (shown[0] == null) {
                      shown[0] = Progress.start(err(), "import", "arrays", total);
                    }
                    shown[0].update(done, "");
                  })
              .writeTo(output);
    } finally {
      if (shown[0] != null) {
        shown[0].close();
      }
    }
    out()
        .println(
            String.format(
                Locale.ROOT,
                "%s: %d arrays, %,d values",
                report.name(),
                report.arrays(),
                report.values()));
    report.notes().forEach(out()::println);
    out().println(output);
    return 0;
  }
}
