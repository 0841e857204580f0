package ai.fresnel.cvs.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;

import java.io.IOException;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Example program: draws a ring of views of each photograph in a folder.
 *
 * <pre>spark-submit --class ai.fresnel.cvs.spark.DrawPhotographs … PHOTOGRAPHS OUT VIEWS [MODEL]
 * </pre>
 */
public final class DrawPhotographs {

  /** Where photographs are taken from, as the command assumes it. */
  private static final double ELEVATION = 20;

  private static final double RADIUS = 1.7;

  private DrawPhotographs() {}

  /**
   * Draws.
   *
   * @param args PHOTOGRAPHS, a folder of PNG and JPEG files on any file system that Spark reads;
   *     OUT, the folder of the Parquet table of views, which must not exist; the number of views of
   *     each photograph; MODEL, a model folder, else the bundled one
   * @throws IOException if Spark does not stop
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 3 || args.length > 4) {
      throw new IllegalArgumentException("expected PHOTOGRAPHS OUT VIEWS [MODEL]");
    }
    int views = Integer.parseInt(args[2]);
    DrawSettings settings =
        args.length == 3
            ? DrawSettings.defaults()
            : DrawSettings.defaults().withModel(new ModelSource.Folder(args[3]));
    try (SparkSession spark = SparkSession.builder().appName("DrawPhotographs").getOrCreate()) {
      Dataset<Row> photographs =
          spark
              .read()
              .format("binaryFile")
              .option("pathGlobFilter", "*.{png,PNG,jpg,JPG,jpeg,JPEG}")
              .load(args[0])
              .select(
                  col("path").as("id"),
                  col("content").as("photograph"),
                  camera(0).as("source"),
                  array(
                          IntStream.range(0, views)
                              .mapToObj(view -> camera(360.0 * view / views))
                              .toArray(Column[]::new))
                      .as("targets"));
      SparkViews.draw(photographs, settings).write().parquet(args[1]);
      Dataset<Row> drawn = spark.read().parquet(args[1]);
      drawn
          .where("error is not null")
          .select("id", "error")
          .distinct()
          .toLocalIterator()
          .forEachRemaining(row -> System.out.println(row.getString(0) + ": " + row.getString(1)));
      System.out.printf(
          "drew %d views, %.1f ms of a core each%n",
          drawn.where("error is null").count(),
          drawn.where("error is null").selectExpr("avg(milliseconds)").first().getDouble(0));
    }
  }

  private static Column camera(double azimuth) {
    return struct(
        lit(azimuth).as("azimuth"), lit(ELEVATION).as("elevation"), lit(RADIUS).as("radius"));
  }
}
