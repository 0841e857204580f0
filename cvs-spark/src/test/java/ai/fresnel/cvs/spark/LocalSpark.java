package ai.fresnel.cvs.spark;

import org.apache.spark.sql.SparkSession;

/** One Spark in this process for all tests: two tasks at once, and a second attempt of each. */
final class LocalSpark {

  private static final SparkSession SESSION =
      SparkSession.builder()
          .master("local[2,2]")
          .appName("tests")
          .config("spark.ui.enabled", false)
          .config("spark.sql.shuffle.partitions", 2)
          // Generated code pays off after more rows than tests have.
          .config("spark.sql.codegen.wholeStage", false)
          .getOrCreate();

  private LocalSpark() {}

  static SparkSession session() {
    return SESSION;
  }
}
