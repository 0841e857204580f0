package ai.fresnel.cvs.examples.serve;

import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * Views for one page, at the pace of the network: one is under way, one waits. A newer pose takes
 * the place of the one that waits, so that a hand that moves on never sees where it was long ago.
 *
 * <p>An answer is 8 bytes, the number of the request, high byte first, and a PNG; or, as text, an
 * object with {@code request}, {@code error} and {@code status}.
 */
final class ViewSocket {

  private final Session connection;
  private final Studio studio;
  private final ServerMetrics metrics;
  private SocketOrder waiting;
  private boolean busy;

  ViewSocket(Session connection, Studio studio, ServerMetrics metrics) {
    this.connection = connection;
    this.studio = studio;
    this.metrics = metrics;
  }

  /** Takes a message. */
  void ask(String message) {
    SocketOrder order;
    try {
      order = Bodies.json(message, SocketOrder.USUAL);
    } catch (RuntimeException e) {
      refuse(0, e);
      return;
    }
    synchronized (this) {
      if (busy) {
        if (waiting != null) {
          metrics.stale();
        }
        waiting = order;
        return;
      }
      busy = true;
    }
    draw(order);
  }

  private void draw(SocketOrder order) {
    CompletableFuture<byte[]> png;
    try {
      png = studio.png(studio.session(order.photograph()), order.view());
    } catch (RuntimeException e) {
      refuse(order.request(), e);
      next();
      return;
    }
    var unused =
        png.whenComplete(
            (image, error) -> {
              if (error != null) {
                refuse(order.request(), error);
                next();
              } else {
                ByteBuffer answer = ByteBuffer.allocate(Long.BYTES + image.length);
                answer.putLong(order.request()).put(image).flip();
                // The next one waits for a slow reader.
                connection.sendBinary(answer, Callback.from(this::next, failed -> close()));
              }
            });
  }

  private void next() {
    SocketOrder order;
    synchronized (this) {
      order = waiting;
      waiting = null;
      busy = order != null;
    }
    if (order != null) {
      draw(order);
    }
  }

  private void refuse(long request, Throwable error) {
    Refusal refusal = Refusal.of(error);
    JsonObject json = refusal.json();
    json.addProperty("request", request);
    json.addProperty("status", refusal.status());
    connection.sendText(json.toString(), Callback.NOOP);
  }

  /** Forgets what waits. */
  synchronized void close() {
    waiting = null;
    busy = true;
  }
}
