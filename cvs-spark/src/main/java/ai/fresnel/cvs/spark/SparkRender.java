package ai.fresnel.cvs.spark;

import ai.fresnel.cvs.train.render.RenderShard;
import ai.fresnel.cvs.train.render.RenderShard.Layout;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Renders meshes to a view set of tar files, one for each task.
 *
 * <p>All machines must read the meshes under the same path and write to the same folder, as on a
 * shared file system. A tar file appears under its name when it is complete. So a task that was
 * killed leaves none, its repetition makes the same bytes, and of two attempts at once the first to
 * finish wins. A repeated job keeps the files that are there and renders the rest.
 */
public final class SparkRender {

  private SparkRender() {}

  /**
   * Renders a view set.
   *
   * @param spark the session
   * @param set the objects, the settings and the destination; the layout is {@link Layout#TAR}, the
   *     folder absolute. Its part and threads are ignored: a task has the threads that Spark gives
   *     it, {@code spark.task.cpus}
   * @param parts the number of tasks and files, at least 1: a few minutes' worth each
   * @return a report on each part, in order
   * @throws IllegalArgumentException if the layout, the folder or the number of parts is refused
   */
  public static List<PartReport> render(SparkSession spark, RenderShard set, int parts) {
    if (set.layout() != Layout.TAR) {
      throw new IllegalArgumentException("layout is " + set.layout() + ", expected TAR");
    }
    if (!Path.of(set.folder()).isAbsolute()) {
      throw new IllegalArgumentException(
          "folder is " + set.folder() + ", expected an absolute path that all machines share");
    }
    if (parts < 1) {
      throw new IllegalArgumentException("parts is " + parts + ", expected at least 1");
    }
    return render(spark, new RenderPart(set, parts));
  }

  static List<PartReport> render(SparkSession spark, RenderPart task) {
    List<Integer> parts = IntStream.range(0, task.parts()).boxed().toList();
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(parts, parts.size())
        .map(task)
        .collect();
  }
}
