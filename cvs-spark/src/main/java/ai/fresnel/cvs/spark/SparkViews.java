package ai.fresnel.cvs.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Draws views of a table of photographs.
 *
 * <pre>{@code
 * Dataset<Row> views = SparkViews.draw(photographs, DrawSettings.defaults());
 * views.where("error is null").write().parquet("views");
 * views.where("error is not null").select("id", "error").distinct().show(false);
 * }</pre>
 *
 * <p>Each executor loads the model once, for all of its tasks. Each task draws one photograph at a
 * time, with as many threads as Spark gives a task ({@code spark.task.cpus}, 1 by default), so that
 * an executor's cores are busy and not more than that. A view depends on its row and on that number
 * alone: a task that is repeated, here or on another machine of the same kind, gives the same
 * bytes.
 *
 * <p>A photograph that cannot be drawn gives rows with the reason. A model that cannot be loaded,
 * and faults of the engine, fail the task.
 */
public final class SparkViews {

  /**
   * A camera on a sphere around the object, which is one unit long: {@code azimuth} degrees
   * anticlockwise seen from above, {@code elevation} degrees up, {@code radius} object lengths.
   * Only the move between the cameras and the source's elevation matter, so the source's azimuth is
   * free.
   */
  public static final StructType CAMERA =
      DataTypes.createStructType(
          List.of(
              field("azimuth", DataTypes.DoubleType),
              field("elevation", DataTypes.DoubleType),
              field("radius", DataTypes.DoubleType)));

  /**
   * The columns of photographs: {@code id}; {@code photograph}, the bytes of a PNG, JPEG, GIF or
   * BMP file; {@code mask}, those of an image of its size, or null; {@code source}, the camera of
   * the photograph; {@code targets}, those of the views; {@code seed} of the noise, 0 if null.
   * Columns {@code mask} and {@code seed} may be missing; others are ignored.
   */
  public static final StructType INPUT =
      DataTypes.createStructType(
          List.of(
              field("id", DataTypes.StringType),
              field("photograph", DataTypes.BinaryType),
              field("mask", DataTypes.BinaryType),
              field("source", CAMERA),
              field("targets", DataTypes.createArrayType(CAMERA)),
              field("seed", DataTypes.LongType)));

  /**
   * The columns of views: {@code id}; {@code view}, the number of the target from 0, null if there
   * was none; {@code png}, the bytes of the view, or null; {@code error}, why there is none, in one
   * line, or null; {@code milliseconds}, the time of the photograph's views divided by their
   * number.
   */
  public static final StructType OUTPUT =
      DataTypes.createStructType(
          List.of(
              field("id", DataTypes.StringType),
              field("view", DataTypes.IntegerType),
              field("png", DataTypes.BinaryType),
              field("error", DataTypes.StringType),
              field("milliseconds", DataTypes.DoubleType)));

  private static final List<String> OPTIONAL = List.of("mask", "seed");

  private SparkViews() {}

  private static StructField field(String name, org.apache.spark.sql.types.DataType type) {
    return DataTypes.createStructField(name, type, true);
  }

  /**
   * Draws the views of photographs, when Spark asks for them.
   *
   * @param photographs a table with the columns of {@link #INPUT}. Its partitions are what a task
   *     draws: a few minutes' worth each
   * @param settings the model, and how it draws
   * @return a table with the columns of {@link #OUTPUT}: a row for each target camera, in the order
   *     of the photographs
   * @throws IllegalArgumentException if a column is missing or cannot be cast to its type
   */
  public static Dataset<Row> draw(Dataset<Row> photographs, DrawSettings settings) {
    Objects.requireNonNull(settings, "settings is null");
    List<String> given = Arrays.asList(photographs.columns());
    List<Column> columns = new ArrayList<>();
    for (StructField wanted : INPUT.fields()) {
      String name = wanted.name();
      if (!given.contains(name) && !OPTIONAL.contains(name)) {
        throw new IllegalArgumentException(
            "table of photographs has no column " + name + ", expected " + INPUT.simpleString());
      }
      Column column = given.contains(name) ? functions.col(name) : functions.lit(null);
      columns.add(column.cast(wanted.dataType()).as(name));
    }
    return photographs
        .select(columns.toArray(Column[]::new))
        .mapPartitions(new DrawRows(settings), Encoders.row(OUTPUT));
  }
}
