package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The layouts of captured sets. */
public enum CaptureKind {
  /**
   * One scene: {@code transforms.json} of nerfstudio or Instant-NGP, or NeRF's {@code
   * transforms_train.json}, {@code transforms_val.json} and {@code transforms_test.json}.
   */
  NERFSTUDIO,

  /** One scene: COLMAP's {@code images} and {@code sparse} folders, text or binary. */
  COLMAP,

  /** CO3D version 2: {@code <category>/frame_annotations.jgz}. */
  CO3D,

  /** MVImgNet: a COLMAP scene in each {@code <class>/<instance>}. */
  MVIMGNET;

  /** Says whether a folder has this layout. */
  private boolean isAt(Path root) throws IOException {
    return switch (this) {
      case NERFSTUDIO -> !NerfstudioCapture.files(root).isEmpty();
      case COLMAP -> !ColmapCapture.models(root).isEmpty();
      case CO3D -> !Co3dCapture.categories(root).isEmpty();
      case MVIMGNET -> MvImgNetCapture.isAt(root);
    };
  }

  /**
   * Lists the objects of a set.
   *
   * @param root the set's folder
   * @return the objects, sorted by name
   * @throws IOException if the folder cannot be read or has another layout
   */
  public List<CaptureSource> list(Path root) throws IOException {
    Path folder = DataFolder.of(root).path();
    requireFolder(folder);
    return distinct(
        switch (this) {
          case NERFSTUDIO -> NerfstudioCapture.list(folder);
          case COLMAP -> ColmapCapture.list(folder);
          case CO3D -> Co3dCapture.list(folder);
          case MVIMGNET -> MvImgNetCapture.list(folder);
        });
  }

  /** Numbers objects whose names differ only in letters that an id may not have. */
  private static List<CaptureSource> distinct(List<CaptureSource> sources) {
    Set<String> taken = new HashSet<>();
    List<CaptureSource> distinct = new ArrayList<>();
    for (CaptureSource source : sources) {
      String id = source.id();
      for (int number = 2; !taken.add(id); number++) {
        id = source.id() + "_" + number;
      }
      distinct.add(id.equals(source.id()) ? source : new Renamed(id, source));
    }
    return distinct;
  }

  private record Renamed(String id, CaptureSource source) implements CaptureSource {

    @Override
    public CapturedObject load() throws IOException {
      CapturedObject same = source.load();
      return new CapturedObject(id, same.views(), same.up(), same.leftOut(), same.notes());
    }
  }

  /**
   * Detects the layout of a folder.
   *
   * @param root the folder
   * @return the first layout that fits
   * @throws IOException if none fits, or the folder cannot be read
   */
  public static CaptureKind detect(Path root) throws IOException {
    requireFolder(root);
    for (CaptureKind kind : values()) {
      if (kind.isAt(root)) {
        return kind;
      }
    }
    throw new IOException(
        root
            + ": expected transforms.json, COLMAP's sparse/0, CO3D's <category>/frame_annotations.jgz"
            + " or MVImgNet's <class>/<instance>/sparse/0");
  }

  private static void requireFolder(Path root) throws IOException {
    if (Files.isRegularFile(root)) {
      throw new IOException(root + ": is a file, expected the folder that holds it");
    }
  }

  /**
   * Returns the name for the command line.
   *
   * @return lower case
   */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
