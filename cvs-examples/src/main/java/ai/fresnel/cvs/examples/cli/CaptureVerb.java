package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.checkpoint.FolderLock;
import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.capture.CaptureConverter;
import ai.fresnel.cvs.train.capture.CaptureKind;
import ai.fresnel.cvs.train.capture.CaptureSource;
import ai.fresnel.cvs.train.file.Guarded;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cvs capture}: turns photographs with known cameras into a view set. */
@Command(
    name = "capture",
    description = {
      "Turn photographs with known cameras into a view set.",
      "Cameras keep their places and are turned to the middle of the object. Masks cut the object"
          + " out. Existing objects are kept: repeat the command to continue an interrupted run."
    })
final class CaptureVerb extends Verb {

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DIR",
      description =
          "A folder with transforms.json (nerfstudio, Instant-NGP, NeRF) or a COLMAP model, or the"
              + " root of CO3D or MVImgNet.")
  Path from;

  @Option(
      names = "--as",
      paramLabel = "KIND",
      description = "nerfstudio, colmap, co3d or mvimgnet (default: detected).")
  String kind;

  @Option(
      names = "--views",
      paramLabel = "K",
      description = "Most images of an object, evenly spread (default ${DEFAULT-VALUE}).")
  int views = 32;

  @Mixin ViewSetOptions set;

  @Override
  public Integer call() throws IOException {
    require(set.size >= 8 && set.size <= 1024, "--size is " + set.size + ", expected 8 to 1024");
    require(views >= 2, "--views is " + views + ", expected 2 or more");
    try (FolderLock lock = FolderLock.of(set.output)) {
      return capture();
    }
  }

  private int capture() throws IOException {
    List<CaptureSource> sources = sources();
    ViewSetWriter writer = new ViewSetWriter(set.output);
    int done = 0;
    int kept = 0;
    int unmasked = 0;
    int framesLeftOut = 0;
    try (Progress progress = Progress.start(err(), "capture", "objects", sources.size())) {
      for (int i = 0; i < sources.size(); i++) {
        CaptureSource source = sources.get(i);
        if (writer.isComplete(source.id())) {
          kept++;
        } else {
          CaptureConverter.Converted object = null;
          try {
            object =
                Guarded.run(
                    () ->
                        CaptureConverter.convert(source.load(), from.toString(), set.size, views));
          } catch (IOException e) {
            progress.message(source.id() + " skipped: " + e.getMessage());
          }
          // Errors of writing end the run; they are not the fault of the object.
          if (object != null) {
            writer.write(source.id(), object.views(), object.meta());
            done++;
            unmasked += object.masked() ? 0 : 1;
            for (String note : object.notes()) {
              progress.message(source.id() + ": " + note);
            }
            framesLeftOut += object.leftOut().count();
            if (!object.leftOut().isEmpty()) {
              progress.message(source.id() + ": " + object.leftOut().describe("frame"));
            }
          }
        }
        progress.update(i + 1, "");
      }
    }
    writer.finish();
    int skipped = sources.size() - done - kept;
    out().println(done + " objects taken, " + skipped + " skipped, " + kept + " kept");
    if (framesLeftOut > 0) {
      out().println(framesLeftOut + " of their frames left out");
    }
    if (unmasked > 0) {
      out().println(unmasked + " of them without masks: their backgrounds stay");
    }
    out().println("view set: " + set.output);
    if (done + kept == 0) {
      throw new IOException("no object of " + sources.size() + " could be taken");
    }
    return 0;
  }

  private List<CaptureSource> sources() throws IOException {
    Path root = requireExists(from);
    if (kind == null) {
      return CaptureKind.detect(root).list(root);
    }
    for (CaptureKind known : CaptureKind.values()) {
      if (known.word().equals(kind)) {
        return known.list(root);
      }
    }
    throw usage("--as is " + kind + ", expected nerfstudio, colmap, co3d or mvimgnet");
  }
}
