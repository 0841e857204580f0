package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.view.ViewContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The views of a {@link ViewPairDataset} on a device: 8-bit colours and, where batches hold it,
 * depth. Batches are gathered and augmented there, for a GPU takes them faster than cores and
 * copies can bring them: only a few numbers a pair are sent. The batches are those of the data set,
 * up to rounding.
 *
 * <p>For one consuming thread.
 */
public final class ResidentViews implements AutoCloseable {

  private static final int DRAWING_THREADS = 2;

  /** Views sent at once. */
  private static final int PIECE = 512;

  private static final TorchFunction PUT =
      TorchFunction.of(
          "part: Tensor, all: Tensor, first: Tensor",
          """
          place = torch.narrow(all, 0, int(first), torch.size(part, 0))
          q = torch.copy_(place, part)
          return q
          """);

  private static final TorchFunction SIGNED = picked("torch.div(y, 127.5) - 1.");
  private static final TorchFunction SHARE = picked("torch.div(y, 255.)");
  private static final TorchFunction SAME = picked("y");

  // As Augmentation.jitter: the circulant matrix of a turn around grey, then the curve of a power
  // in steps of 1/1024.
  private static final TorchFunction JITTER =
      TorchFunction.of(
          "x: Tensor, jitter: Tensor",
          """
          a = torch.slice(jitter, 1, 0, 1)
          b = torch.slice(jitter, 1, 1, 2)
          c = torch.slice(jitter, 1, 2, 3)
          turn = torch.reshape(torch.cat([a, b, c, c, a, b, b, c, a], 1), [-1, 3, 3])
          y = torch.flatten(torch.div(x + 1., 2.), 2)
          y = torch.reshape(torch.bmm(turn, y), torch.size(x))
          y = torch.floor(torch.clamp(y, 0., 1.) * 1024. + 0.5)
          power = torch.reshape(torch.slice(jitter, 1, 3, 4), [-1, 1, 1, 1])
          return torch.pow(torch.div(y, 1024.), power) * 2. - 1.
          """);

  private static final TorchFunction BEHIND =
      TorchFunction.of(
          "x: Tensor, alpha: Tensor, background: Tensor",
          """
          colour = torch.reshape(background, [-1, 3, 1, 1]) - 1.
          return x + colour * torch.rsub(alpha, 1.)
          """);

  private final Augmentation augmentation;
  private final SeekablePrefetcher<PairDraws> draws;
  private final NDArray colours;

  /** Null where no background is drawn. */
  private final NDArray alphas;

  /** Null where batches hold no depth. */
  private final NDArray depths;

  /**
   * Which views, and their changes.
   *
   * @param view the numbers of the views, (n) int64
   * @param mirrored 1 or 0, (n)
   * @param jitter three numbers of the turn around grey, and the power, (n, 4)
   * @param background (n, 3) in [-1, 1]
   */
  record Pick(NDArray view, NDArray mirrored, NDArray jitter, NDArray background) {}

  /** Writes a view of an object. */
  @FunctionalInterface
  private interface Writer {
    void put(DecodedObject object, int view, ByteBuffer out);
  }

  /**
   * Sends the views.
   *
   * @param manager owns them, on their device
   * @param options of the pairs; without zoom
   * @param objects all objects, in order
   * @param side S
   * @param draws draws batch number i
   */
  ResidentViews(
      NDManager manager,
      PairOptions options,
      List<DecodedObject> objects,
      int side,
      LongFunction<PairDraws> draws) {
    this.augmentation = options.augmentation();
    this.draws = new SeekablePrefetcher<>(draws, DRAWING_THREADS);
    Shape map = new Shape(1, side, side);
    colours =
        sent(
            manager,
            objects,
            new Shape(3, side, side),
            DataType.UINT8,
            (object, view, out) -> out.put(object.colours[view]));
    alphas =
        augmentation.backgroundShare() > 0
            ? sent(
                manager,
                objects,
                map,
                DataType.UINT8,
                (object, view, out) -> out.put(object.alphas[view]))
            : null;
    depths =
        options.depth()
            ? sent(
                manager,
                objects,
                map,
                DataType.FLOAT32,
                (object, view, out) -> {
                  for (float depth : object.depths[view]) {
                    out.putFloat(depth);
                  }
                })
            : null;
  }

  private static NDArray sent(
      NDManager manager, List<DecodedObject> objects, Shape view, DataType type, Writer writer) {
    long count = objects.stream().mapToLong(object -> object.poses.length).sum();
    NDArray all = manager.create(new Shape(count).addAll(view), type);
    int bytes = Math.toIntExact(view.size() * type.getNumOfBytes());
    ByteBuffer piece = piece(bytes);
    long first = 0;
    for (DecodedObject object : objects) {
      for (int i = 0; i < object.poses.length; i++) {
        writer.put(object, i, piece);
        if (!piece.hasRemaining()) {
          first += put(manager, all, first, view, type, piece);
          piece = piece(bytes);
        }
      }
    }
    put(manager, all, first, view, type, piece);
    return all;
  }

  private static ByteBuffer piece(int bytesOfView) {
    return ByteBuffer.allocateDirect(PIECE * bytesOfView).order(ByteOrder.nativeOrder());
  }

  /** Sends what has been written; returns how many views that were. */
  private static long put(
      NDManager manager, NDArray all, long first, Shape view, DataType type, ByteBuffer piece) {
    long count = piece.position() / (view.size() * type.getNumOfBytes());
    if (count == 0) {
      return 0;
    }
    piece.flip();
    try (NDManager scope = manager.newSubManager()) {
      NDArray part = scope.create(piece, new Shape(count).addAll(view), type);
      PUT.call(scope, new NDList(part, all, scope.create(first)));
    }
    return count;
  }

  private static TorchFunction picked(String value) {
    return TorchFunction.of(
        "images: Tensor, view: Tensor, mirrored: Tensor",
        """
        y = torch.to(torch.index_select(images, 0, view), 6)
        flip = torch.gt(torch.reshape(mirrored, [-1, 1, 1, 1]), 0.5)
        y = torch.where(flip, torch.flip(y, [3]), y)
        return %s
        """
            .formatted(value));
  }

  /**
   * Makes a batch.
   *
   * @param manager owns it, on the device of the views
   * @param index the number of the batch, 0 or more
   * @return the batch of {@link ViewPairDataset#batch}
   */
  public TrainingBatch batch(NDManager manager, long index) {
    PairDraws drawn = draws.get(index);
    Pick sources = drawn.sources(manager);
    Pick targets = drawn.targets(manager);
    TrainingBatch batch =
        TrainingBatch.of(
            image(manager, targets),
            ViewContext.of(image(manager, sources), drawn.cameras(manager)),
            drawn.seeds());
    return depths == null
        ? batch
        : batch.withDepth(
            picked(manager, SAME, depths, sources), picked(manager, SAME, depths, targets));
  }

  private NDArray image(NDManager manager, Pick pick) {
    NDArray image = picked(manager, SIGNED, colours, pick);
    if (augmentation.jitters()) {
      image = JITTER.call(manager, new NDList(image, pick.jitter()));
    }
    if (alphas != null) {
      NDArray alpha = picked(manager, SHARE, alphas, pick);
      image = BEHIND.call(manager, new NDList(image, alpha, pick.background()));
    }
    return image;
  }

  private static NDArray picked(
      NDManager manager, TorchFunction function, NDArray images, Pick pick) {
    return function.call(manager, new NDList(images, pick.view(), pick.mirrored()));
  }

  /** Stops drawing ahead. The views go with their manager. */
  @Override
  public void close() {
    draws.close();
  }
}
