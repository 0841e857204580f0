package ai.fresnel.cvs.splat.file;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The file formats of Gaussians. */
public enum SplatFormat {
  /**
   * INRIA's PLY, which every tool reads: all numbers as float32, in the axes of the cameras that
   * the Gaussians were made from.
   */
  PLY("ply", SplatAxes.Z_UP),

  /**
   * antimatter15's {@code .splat}: 32 bytes a Gaussian, with colours of 8 bits and without
   * harmonics above degree 0. Its viewers have y down.
   */
  SPLAT("splat", SplatAxes.Y_DOWN),

  /** Niantic's {@code .spz}: quantised and packed, about a tenth of a PLY. It has y up. */
  SPZ("spz", SplatAxes.Y_UP),

  /** Binary glTF with the extension {@code KHR_gaussian_splatting}. It has y up. Written only. */
  GLB("glb", SplatAxes.Y_UP);

  private final String ending;
  private final SplatAxes axes;

  SplatFormat(String ending, SplatAxes axes) {
    this.ending = ending;
    this.axes = axes;
  }

  /**
   * Returns the ending of the format's file names.
   *
   * @return the ending without a point, in lower case
   */
  public String ending() {
    return ending;
  }

  /**
   * Returns the axes that users of the format expect.
   *
   * @return the axes in which files are written and read unless others are asked for
   */
  public SplatAxes axes() {
    return axes;
  }

  /**
   * Finds the format for a file name.
   *
   * @param file a path, existing or not
   * @return the format whose ending the name has, in upper or lower case
   */
  public static Optional<SplatFormat> of(Path file) {
    Path name = file.getFileName();
    String lower = name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> lower.endsWith("." + format.ending))
        .findFirst();
  }

  /** Returns all endings, for errors. */
  static String endings() {
    return Arrays.stream(values())
        .map(format -> "." + format.ending)
        .collect(Collectors.joining(", "));
  }
}
