package ai.fresnel.cvs.spark;

import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderShard;
import ai.fresnel.cvs.train.render.RenderSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * Example program: renders a folder of meshes to a view set of tar files.
 *
 * <pre>spark-submit --class ai.fresnel.cvs.spark.RenderMeshes … MESHES OUT PARTS VIEWS SIZE</pre>
 */
public final class RenderMeshes {

  private RenderMeshes() {}

  /**
   * Renders.
   *
   * @param args MESHES, a folder, an archive or a mesh; OUT, the folder of the view set; the number
   *     of tar files; views of each mesh; their size in pixels
   * @throws IOException if no mesh could be rendered
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 5) {
      throw new IllegalArgumentException("expected MESHES OUT PARTS VIEWS SIZE");
    }
    RenderShard set =
        new RenderShard(
            new RenderSource.Meshes(Path.of(args[0]).toAbsolutePath().toString()),
            RenderJob.of(Integer.parseInt(args[3]), Integer.parseInt(args[4]), 0),
            RenderShard.Layout.TAR,
            false,
            Path.of(args[1]).toAbsolutePath().toString());
    try (SparkSession spark = SparkSession.builder().appName("RenderMeshes").getOrCreate()) {
      List<PartReport> reports = SparkRender.render(spark, set, Integer.parseInt(args[2]));
      reports.stream().flatMap(report -> report.notes().stream()).forEach(System.out::println);
      RenderShard.Result all =
          new RenderShard.Result(
              reports.stream().mapToInt(PartReport::rendered).sum(),
              reports.stream().mapToInt(PartReport::skipped).sum(),
              reports.stream().mapToInt(PartReport::kept).sum());
      all.requireAny();
      System.out.printf(
          "rendered %d objects, skipped %d, kept %d%n", all.rendered(), all.skipped(), all.kept());
    }
  }
}
