package ai.fresnel.cvs.train.data;

import ai.fresnel.cvs.train.viewset.DamagedFile;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws pairs from a set that is larger than memory. A {@link RollingWindow} of decoded objects
 * moves through the set, shard by shard in random order, so that reading is nearly sequential.
 */
public final class StreamedPairs implements PairSource {

  /** Samples between the decoding of two objects. */
  private static final int STAY = 16;

  private static final int MAX_WINDOW = 4096;

  private final RollingWindow<Indexed> window;
  private final PairSampler sampler;
  private final PairOptions options;
  private final int imageSize;

  private record Indexed(int index, DecodedObject object) {}

  private StreamedPairs(RollingWindow<Indexed> window, PairOptions options, int imageSize) {
    this.window = window;
    this.sampler = new PairSampler(options);
    this.options = options;
    this.imageSize = imageSize;
  }

  /**
   * Opens a split. Decodes one view only.
   *
   * @param set the view set; all images square and of one size
   * @param split the split to draw from
   * @param options the pairs to draw; the window takes at most {@link PairOptions#maxBytes}
   * @return the series
   * @throws IOException if the split is empty or its first object is damaged
   */
  public static StreamedPairs open(ViewSet set, Split split, PairOptions options)
      throws IOException {
    List<List<String>> groups = set.groups(split);
    List<String> ids = new ArrayList<>();
    groups.forEach(ids::addAll);
    if (ids.isEmpty()) {
      throw DamagedFile.error(set.root(), "no objects in split " + split, "at least 1");
    }
    ViewObject first = set.object(ids.get(0));
    int size = first.read(0).intrinsics().width();
    if (options.depth()) {
      // Refuse a set without depth here; later its objects would be skipped one by one.
      first.requireDepth(0);
    }
    long bytes = first.size() * options.bytesPerPixel() * size * size;
    long width = Math.max(1, Math.min(MAX_WINDOW, options.maxBytes() / (2 * bytes)));
    RollingWindow<Indexed> window =
        new RollingWindow<>(
            groups.stream().mapToInt(List::size).toArray(),
            (int) Math.min(width, ids.size()),
            STAY,
            options.seed(),
            index -> new Indexed(index, decode(set, ids.get(index), size, options.depth())));
    return new StreamedPairs(window, options, size);
  }

  private static DecodedObject decode(ViewSet set, String id, int size, boolean depth)
      throws IOException {
    DecodedObject object = new DecodedObject(set.object(id), depth);
    if (object.intrinsics.width() != size || object.intrinsics.height() != size) {
      throw DamagedFile.error(
          set.root(),
          id + " of " + object.intrinsics.width() + "×" + object.intrinsics.height() + " pixels",
          size + "×" + size + " like the first object");
    }
    return object;
  }

  @Override
  public ViewBatch batch(long index) {
    int n = options.batchSize();
    BatchBuilder batch =
        new BatchBuilder(n, options.targets(), imageSize, options.augmentation(), options.depth());
    for (int i = 0; i < n; i++) {
      long sample = index * n + i;
      Indexed indexed = window.get(options.leader(sample), sampler.draws(sample));
      DecodedObject object = indexed.object();
      batch.add(sampler.pair(sample, indexed.index(), object), object);
    }
    return batch.build();
  }
}
