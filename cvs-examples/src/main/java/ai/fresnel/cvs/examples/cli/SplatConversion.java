package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.file.SplatAxes;
import ai.fresnel.cvs.splat.file.SplatFiles;
import ai.fresnel.cvs.splat.file.SplatFormat;
import ai.fresnel.cvs.surface.FieldGrid;
import ai.fresnel.cvs.surface.GaussianField;
import ai.fresnel.cvs.surface.MarchingCubes;
import ai.fresnel.cvs.surface.SurfaceGlb;
import ai.fresnel.cvs.surface.SurfaceMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import picocli.CommandLine.Option;

/** Gaussians from one kind of file to another, or to a mesh. */
final class SplatConversion {

  /** Parts of fewer nodes than this share of the largest are no part of a mesh. */
  private static final double SPECK = 0.005;

  /** The files that can be written beside {@code splat.ply}. */
  enum Kind {
    SPLAT,
    SPZ,
    GLB,
    MESH
  }

  @Option(
      names = "--also",
      split = ",",
      paramLabel = "K",
      description =
          "Further files beside splat.ply: splat, spz, glb (Gaussians in glTF), mesh (mesh.glb).")
  List<Kind> also = new ArrayList<>();

  @Option(
      names = "--axes",
      paramLabel = "A",
      description =
          "z_up, y_up or y_down: the axes that --convert writes (default: those of the format).")
  SplatAxes axes;

  @Option(
      names = "--from-axes",
      paramLabel = "A",
      description = "The axes of the file that is read (default: those of its format).")
  SplatAxes fromAxes;

  @Option(
      names = "--cells",
      paramLabel = "N",
      description = "Cells of a mesh's grid along the longest side (default ${DEFAULT-VALUE}).")
  int cells = 128;

  @Option(
      names = "--level",
      paramLabel = "L",
      description = "Density at a mesh's surface; more is thinner (default ${DEFAULT-VALUE}).")
  float level = GaussianField.LEVEL;

  /** Refuses values out of range. */
  void check(BiConsumer<Boolean, String> require) {
    require.accept(cells >= 8 && cells <= 500, "--cells is " + cells + ", expected 8 to 500");
    require.accept(
        level > 0 && level <= 1000, "--level is " + level + ", expected above 0, at most 1000");
  }

  /** Reads Gaussians. */
  GaussianCloud read(Path file) throws IOException {
    Verb.requireExists(file);
    return fromAxes == null ? SplatFiles.read(file) : SplatFiles.read(file, fromAxes);
  }

  /**
   * Writes Gaussians.
   *
   * @throws IllegalArgumentException if the name's ending is of no format, or the format cannot
   *     hold them
   */
  void write(GaussianCloud cloud, Path file) throws IOException {
    SplatAxes chosen = axes;
    if (chosen == null) {
      chosen = SplatFormat.of(file).map(SplatFormat::axes).orElse(SplatAxes.Z_UP);
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    SplatFiles.write(file, cloud, chosen);
  }

  /**
   * Writes the surface of Gaussians; returns what is in it.
   *
   * @throws IllegalArgumentException if they have none, or the name does not end in .glb
   */
  String writeMesh(GaussianCloud cloud, Path file) throws IOException {
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".glb")) {
      throw new IllegalArgumentException(file + ": expected a name that ends in .glb");
    }
    FieldGrid field = GaussianField.of(cloud, cells).cleaned(level, SPECK);
    SurfaceMesh mesh = MarchingCubes.extract(field, level);
    if (mesh.triangleCount() == 0) {
      throw new IllegalArgumentException(
          "the Gaussians nowhere reach the density " + level + " of a surface");
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    SurfaceGlb.write(file, mesh);
    return mesh.vertexCount() + " vertices, " + mesh.triangleCount() + " triangles";
  }

  /** Writes the files of {@code --also}, in the axes of their formats; returns them. */
  List<Path> writeAlso(GaussianCloud cloud, Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Kind kind : also) {
      Path file =
          folder.resolve(
              kind == Kind.MESH ? "mesh.glb" : "splat." + kind.name().toLowerCase(Locale.ROOT));
      try {
        if (kind == Kind.MESH) {
          writeMesh(cloud, file);
        } else {
          SplatFiles.write(file, cloud);
        }
      } catch (IllegalArgumentException e) {
        throw new IOException(file + ": " + e.getMessage().replace(file + ": ", ""), e);
      }
      files.add(file);
    }
    return files;
  }
}
