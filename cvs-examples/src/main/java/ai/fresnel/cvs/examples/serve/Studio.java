package ai.fresnel.cvs.examples.serve;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.EncodedView;
import ai.fresnel.cvs.ObjectCode;
import ai.fresnel.cvs.examples.queue.BatchQueue;
import ai.fresnel.cvs.examples.session.PhotographStore;
import ai.fresnel.cvs.examples.session.Session;
import ai.fresnel.cvs.examples.session.StoredPhotograph;
import ai.fresnel.cvs.train.image.PngBytes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Draws what is asked for of the photographs in a store: what HTTP and WebSocket share. */
final class Studio implements AutoCloseable {

  private final PhotographStore store;
  private final BatchQueue<EncodedView, Image> queue;
  private final Duration timeout;
  private final ServerMetrics metrics;

  /** Encodes images, so that the thread of the passes goes on with the next. */
  private final ExecutorService encoders =
      Executors.newFixedThreadPool(
          2,
          work -> {
            Thread thread = new Thread(work, "images");
            thread.setDaemon(true);
            return thread;
          });

  Studio(
      PhotographStore store,
      BatchQueue<EncodedView, Image> queue,
      Duration timeout,
      ServerMetrics metrics) {
    this.store = store;
    this.queue = queue;
    this.timeout = timeout;
    this.metrics = metrics;
  }

  /**
   * Finds a photograph.
   *
   * @throws ApiException 404 if there is none
   */
  Session session(String id) {
    return store
        .find(id)
        .orElseThrow(
            () -> new ApiException(404, "there is no such photograph, or not any more: send it"));
  }

  /** Places views of a photograph. */
  static List<EncodedView> views(Session session, List<ViewOrder> orders) {
    StoredPhotograph photograph = session.photograph();
    ObjectCode encoded =
        photograph
            .encoded()
            .orElseThrow(() -> new ApiException(422, photograph.problem().orElseThrow()));
    return orders.stream()
        .map(o -> new EncodedView(encoded, o.target(photograph.camera()), o.sampling()))
        .toList();
  }

  /** Draws views, in the time that a request has. */
  CompletableFuture<List<Image>> draw(List<EncodedView> views) {
    List<CompletableFuture<Image>> futures = queue.submit(views);
    futures.forEach(each -> each.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS));
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
        .handleAsync(
            (nothing, error) -> {
              if (error != null) {
                // The others of this request need no pass any more.
                futures.forEach(each -> each.cancel(false));
                throw error instanceof CompletionException e ? e : new CompletionException(error);
              }
              return futures.stream().map(CompletableFuture::join).toList();
            },
            encoders);
  }

  /** Draws one view as PNG. */
  CompletableFuture<byte[]> png(Session session, ViewOrder order) {
    long start = System.nanoTime();
    return draw(views(session, List.of(order)))
        .thenApply(
            images -> {
              byte[] png = png(images.get(0));
              metrics.viewed(System.nanoTime() - start);
              return png;
            });
  }

  private static byte[] png(Image image) {
    try {
      return PngBytes.of(image);
    } catch (IOException e) {
      throw new IllegalStateException("an image in memory cannot be encoded", e);
    }
  }

  @Override
  public void close() {
    queue.close();
    encoders.shutdown();
    store.close();
  }
}
