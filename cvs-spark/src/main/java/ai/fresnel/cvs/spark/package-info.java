/**
 * CVS on a Spark cluster. {@link ai.fresnel.cvs.spark.SparkViews} draws views of a table of
 * photographs, {@link ai.fresnel.cvs.spark.SparkRender} renders meshes to the tar files of a view
 * set. {@link ai.fresnel.cvs.spark.DrawPhotographs} and {@link ai.fresnel.cvs.spark.RenderMeshes}
 * are example programs for {@code spark-submit}.
 */
package ai.fresnel.cvs.spark;
