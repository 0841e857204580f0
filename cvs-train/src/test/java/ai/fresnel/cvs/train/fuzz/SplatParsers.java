package ai.fresnel.cvs.train.fuzz;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.file.SplatFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;

/** Readers of Gaussians. */
final class SplatParsers {

  private static final String TEXT =
      """
      ply
      format ascii 1.0
      comment by nobody
      element origin 2
      property int a
      element vertex 2
      property float x
      property float y
      property float z
      property float nx
      property float f_dc_0
      property float f_dc_1
      property float f_dc_2
      property float opacity
      property float scale_0
      property float scale_1
      property float scale_2
      property float rot_0
      property float rot_1
      property float rot_2
      property float rot_3
      end_header
      1
      2
      0.5 -0.5 0.25 0 1 0 -1 2.5 -3 -4 -5 1 0 0 0
      -0.5 1.5e-1 0.75 0 0.5 0.25 0.125 -2 -3.5 -4.5 -5.5 0.5 0.5 -0.5 0.5
      """;

  private static final List<String> WORDS =
      List.of(
          "ply",
          "end_header",
          "element vertex 1",
          "element face 1000000000",
          "property list uchar int v",
          "property double x",
          "property uchar f_rest_0",
          "float64",
          "uint8",
          "ascii",
          "binary_little_endian",
          "binary_big_endian",
          "2147483647",
          "f_rest_44",
          "scale_2",
          "rot_0",
          "inf",
          "-inf",
          "nan");

  private SplatParsers() {}

  /** Writes a few Gaussians by a writer of the library. */
  private static byte[] written(String name, int degree) {
    SplittableRandom random = new SplittableRandom(degree);
    GaussianArrays arrays = GaussianArrays.zeros(5, degree);
    for (float[] group : arrays.groups()) {
      for (int i = 0; i < group.length; i++) {
        group[i] = (float) (2 * random.nextDouble() - 1);
      }
    }
    try {
      Path folder = Files.createTempDirectory("cvs-fuzz");
      Path file = folder.resolve(name);
      SplatFiles.write(file, GaussianCloud.of(arrays));
      byte[] content = Files.readAllBytes(file);
      Files.delete(file);
      Files.delete(folder);
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] unpacked(byte[] content) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Parser.Reading reading(String file) {
    return root -> {
      GaussianCloud cloud = SplatFiles.read(root.resolve(file));
      if (cloud.size() > 1 << 20) {
        throw new AssertionError(cloud.size() + " Gaussians of a small file");
      }
    };
  }

  static List<Parser> all() {
    byte[] spz = written("fuzzed.spz", 1);
    return List.of(
        new Parser(
            "ply",
            WORDS,
            List.of(
                Seed.text("fuzzed.ply", TEXT),
                Seed.text("fuzzed.ply", written("fuzzed.ply", 1)).called("header"),
                Seed.binary("fuzzed.ply", written("fuzzed.ply", 0)).called("binary")),
            reading("fuzzed.ply")),
        new Parser(
            "splat",
            List.of(),
            List.of(Seed.binary("fuzzed.splat", written("fuzzed.splat", 0))),
            reading("fuzzed.splat")),
        new Parser(
            "spz",
            List.of(),
            List.of(
                Seed.binary("fuzzed.spz", unpacked(spz)).packed(Packing::gzip),
                Seed.binary("fuzzed.spz", spz).called("packed")),
            reading("fuzzed.spz")));
  }
}
