package ai.fresnel.cvs.train.render;

import java.io.Serializable;

/**
 * Settings of the rendering of a view set.
 *
 * @param views the number of views of each object, at least 1
 * @param size width and height in pixels, 8..1024
 * @param supersampling samples per pixel along each axis: 1, 3, 5 or 7
 * @param seed the seed of cameras and lights; seed and id determine the images of an object
 * @param shard the part of the list, 0..shards-1
 * @param shards the number of parts; part i holds every shards-th object from the i-th on
 * @param threads the number of objects rendered at once, at least 1
 */
public record RenderJob(
    int views, int size, int supersampling, long seed, int shard, int shards, int threads)
    implements Serializable {

  /**
   * Checks the ranges.
   *
   * @param views at least 1
   * @param size 8..1024
   * @param supersampling 1, 3, 5 or 7
   * @param seed any
   * @param shard 0..shards-1
   * @param shards at least 1
   * @param threads at least 1
   * @throws IllegalArgumentException if a number is outside its range
   */
  public RenderJob {
    require(views >= 1, "views " + views + ", expected at least 1");
    require(size >= 8 && size <= 1024, "size " + size + ", expected 8..1024");
    require(
        supersampling >= 1 && supersampling <= 7 && supersampling % 2 == 1,
        "supersampling " + supersampling + ", expected 1, 3, 5 or 7");
    require((long) size * supersampling <= 4096, "more than 4096 samples a side");
    require(
        shards >= 1 && shard >= 0 && shard < shards,
        "shard " + shard + " of " + shards + ", expected 0.." + (shards - 1));
    require(threads >= 1, "threads " + threads + ", expected at least 1");
  }

  /**
   * Makes a job of the whole list on all processors with the default supersampling.
   *
   * @param views the number of views of each object
   * @param size width and height in pixels
   * @param seed the seed of cameras and lights
   * @return the job
   */
  public static RenderJob of(int views, int size, long seed) {
    int threads = Runtime.getRuntime().availableProcessors();
    return new RenderJob(views, size, Rasterizer.DEFAULT_SUPERSAMPLING, seed, 0, 1, threads);
  }

  /**
   * Returns this job for a part of the list.
   *
   * @param index the part, 0..count-1
   * @param count the number of parts
   * @return the job
   */
  public RenderJob withShard(int index, int count) {
    return new RenderJob(views, size, supersampling, seed, index, count, threads);
  }

  /**
   * Returns this job with another number of threads. The images stay the same.
   *
   * @param count at least 1
   * @return the job
   */
  public RenderJob withThreads(int count) {
    return new RenderJob(views, size, supersampling, seed, shard, shards, count);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
