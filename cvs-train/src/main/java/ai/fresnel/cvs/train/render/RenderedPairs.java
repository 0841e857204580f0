package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.data.BatchBuilder;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.RollingWindow;
import ai.fresnel.cvs.train.data.SplitMix64;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.viewset.View;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Renders pairs on demand. No view comes twice, each pair has its own lighting, and objects vary.
 * Cameras are those of {@link ViewCameras}. Keeps a {@link RollingWindow} of meshes.
 */
public final class RenderedPairs implements PairSource {

  private static final long SEED_STREAM = 0x5A3C_0011L;
  private static final long PAIR_STREAM = 0x5A3C_0012L;

  /** Meshes in memory; a larger batch raises it to its number of pairs, to mix enough objects. */
  private static final int WINDOW = 48;

  /** Samples between the loading of two meshes; loading takes as long as rendering ten pairs. */
  private static final int STAY = 32;

  /** The most draws of a target camera before the nearest so far is taken. */
  private static final int TRIES = 200;

  private final RollingWindow<Loaded> window;
  private final PairOptions options;
  private final MeshVariation variation;
  private final Intrinsics lens;

  /** Null if the thread of the caller renders alone. */
  private final ForkJoinPool workers;

  private record Loaded(int index, Mesh mesh) {}

  /**
   * Makes a series. Loads nothing yet.
   *
   * @param sources the objects, at least one
   * @param size width and height of the images in pixels
   * @param options batch size, seed, angles and augmentation
   * @param variation how objects are changed
   */
  public RenderedPairs(
      List<? extends MeshSource> sources, int size, PairOptions options, MeshVariation variation) {
    this(sources, size, options, variation, 1);
  }

  /**
   * Makes the same series with several threads for each batch.
   *
   * @param sources the objects, at least one
   * @param size width and height of the images in pixels
   * @param options batch size, seed, angles and augmentation
   * @param variation how objects are changed
   * @param threads the number of threads, 1 or more
   * @throws IllegalArgumentException if it is below 1
   */
  public RenderedPairs(
      List<? extends MeshSource> sources,
      int size,
      PairOptions options,
      MeshVariation variation,
      int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads, expected 1 or more");
    }
    this.options = options;
    this.variation = variation;
    lens = ViewCameras.intrinsics(size);
    window =
        new RollingWindow<>(
            sources.size(),
            Math.max(WINDOW, options.batchSize()),
            STAY,
            options.seed(),
            index -> new Loaded(index, sources.get(index).load().mesh()));
    workers = threads == 1 ? null : new ForkJoinPool(threads);
  }

  @Override
  public ViewBatch batch(long index) {
    int n = options.batchSize();
    int targets = options.targets();
    BatchBuilder batch =
        new BatchBuilder(n, targets, lens.width(), options.augmentation(), options.depth());
    Stream<List<Sample>> sources =
        LongStream.range(index * n / targets, (index + 1) * n / targets)
            .mapToObj(i -> samples(i * targets));
    List<List<Sample>> drawn =
        workers == null
            ? sources.toList()
            : workers.submit(() -> sources.parallel().toList()).join();
    for (List<Sample> samples : drawn) {
      samples.forEach(sample -> batch.add(sample.pair(), sample.source(), sample.target()));
    }
    return batch.build();
  }

  /** A pair of views of a varied mesh. */
  record Sample(ViewPair pair, Mesh mesh, View source, View target) {}

  /**
   * Renders the samples of a source; the source view is rendered once for all of them.
   *
   * @param leader the first sample's number
   */
  List<Sample> samples(long leader) {
    // Two streams: noise and choice of views must be independent.
    final long sampleSeed = SplitMix64.draw(SplitMix64.draw(options.seed(), SEED_STREAM), leader);
    long draws = SplitMix64.draw(SplitMix64.draw(options.seed(), PAIR_STREAM), leader);
    Loaded object = window.get(leader, draws);
    Mesh mesh = variation.apply(object.mesh(), SplitMix64.draw(draws, 1));
    Lighting lighting = Lighting.random(SplitMix64.draw(draws, 2));
    Rasterizer rasterizer = new Rasterizer(mesh, lighting, Rasterizer.DEFAULT_SUPERSAMPLING);
    CameraPose pose = ViewCameras.random(1, SplitMix64.draw(draws, 3)).get(0);
    View source = view(rasterizer, pose);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < options.targets(); i++) {
      CameraPose target =
          target(pose, SplitMix64.draw(draws, 4 + i), options.angles().maxAngle(leader));
      samples.add(
          new Sample(
              new ViewPair(object.index(), 0, 1 + i, sampleSeed),
              mesh,
              source,
              view(rasterizer, target)));
    }
    return samples;
  }

  private static CameraPose target(CameraPose source, long seed, double maxAngle) {
    double[] forward = source.forward();
    CameraPose nearest = null;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < TRIES && most < Math.cos(maxAngle); i++) {
      CameraPose pose = ViewCameras.random(1, SplitMix64.draw(seed, i)).get(0);
      double cosine = Vectors.dot(forward, pose.forward());
      if (cosine > most) {
        most = cosine;
        nearest = pose;
      }
    }
    return nearest;
  }

  private View view(Rasterizer rasterizer, CameraPose pose) {
    RenderedView rendered = rasterizer.render(pose, lens);
    return View.of(lens, pose, rendered.rgba()).withDepth(rendered.depth());
  }
}
