package ai.fresnel.cvs.examples;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.importer.ImportKind;
import ai.fresnel.cvs.importer.ImportReport;
import ai.fresnel.cvs.importer.ImportSettings;
import ai.fresnel.cvs.importer.ModelImporter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Imports a checkpoint of Zero123 and draws a view: {@code CHECKPOINT MODEL PHOTO OUT}. */
public final class ImportModel {

  private ImportModel() {}

  /**
   * Imports and draws.
   *
   * @param args the checkpoint, the model folder to write, the photograph and the view's file
   * @throws IOException if a file cannot be read or written, or is no checkpoint of Zero123
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 4) {
      System.err.println("usage: ImportModel CHECKPOINT MODEL PHOTO OUT");
      System.exit(2);
    }
    Path model = Path.of(args[1]);
    ImportSettings settings = ImportSettings.of(ImportKind.ZERO123, Path.of(args[0]));
    ImportReport report =
        new ModelImporter(settings, (done, total) -> System.err.println(done + " of " + total))
            .writeTo(model);
    report.notes().forEach(System.out::println);

    Image photo = ImageFactory.getInstance().fromFile(Path.of(args[2]));
    CameraPose source = CameraPose.orbit(0, 0, 1.5);
    CameraPose target = CameraPose.orbit(Math.toRadians(60), Math.toRadians(20), 1.5);
    try (ViewSynthesizer cvs = ViewSynthesizer.load(model);
        OutputStream out = Files.newOutputStream(Path.of(args[3]))) {
      cvs.generateNovelView(photo, source, target).save(out, "png");
    }
  }
}
