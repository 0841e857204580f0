package ai.fresnel.cvs.examples.bench;

import ai.fresnel.cvs.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Clients of a server, which ask for views of one photograph. */
final class ServerLoad {

  /** How long a client waits that was told to. */
  private static final long BACK_OFF_MILLISECONDS = 50;

  private final HttpClient http = HttpClient.newHttpClient();
  private final String address;
  private final String id;

  /** Sends the photograph. */
  ServerLoad(String address, byte[] photograph) throws IOException, InterruptedException {
    this.address = address;
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(address + "/api/photographs"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(photograph))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 201) {
      throw new IOException("the server answers " + answer.statusCode() + ": " + answer.body());
    }
    id = Json.parse(answer.body(), "answer").get("id").string();
  }

  /**
   * What many clients were answered.
   *
   * @param busy how often the answer was 429
   * @param others other statuses and failures, with how often they came
   * @param milliseconds how long each view took
   */
  record Counts(long busy, Map<String, Long> others, List<Double> milliseconds) {

    Counts plus(Counts more) {
      Map<String, Long> all = new TreeMap<>(others);
      more.others.forEach((what, count) -> all.merge(what, count, Long::sum));
      List<Double> times = new ArrayList<>(milliseconds);
      times.addAll(more.milliseconds);
      return new Counts(busy + more.busy, all, times);
    }
  }

  /** Lets clients ask, each for one view after the other, for a bounded time. */
  Counts crowd(int clients, int seconds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    Map<String, Long> statuses = new TreeMap<>();
    List<Double> times = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      int first = i;
      Thread thread = new Thread(() -> ask(first, end, statuses, times), "client " + i);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long busy = statuses.getOrDefault("429", 0L);
    statuses.remove("429");
    statuses.remove("200");
    return new Counts(busy, statuses, times);
  }

  private void ask(int first, long end, Map<String, Long> statuses, List<Double> times) {
    for (int i = first; System.nanoTime() < end; i++) {
      long start = System.nanoTime();
      String status;
      try {
        status = view(i);
        if (status.equals("429")) {
          Thread.sleep(BACK_OFF_MILLISECONDS);
        }
      } catch (IOException e) {
        status = e.toString();
      } catch (InterruptedException e) {
        return;
      }
      synchronized (statuses) {
        statuses.merge(status, 1L, Long::sum);
        if (status.equals("200")) {
          times.add((System.nanoTime() - start) / 1e6);
        }
      }
    }
  }

  private String view(int i) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + "/api/photographs/" + id + "/views"))
            .POST(HttpRequest.BodyPublishers.ofString("{\"azimuth\": " + 7 * i % 360 + "}"))
            .build();
    return "" + http.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode();
  }

  /** Connects as the page does. */
  Dragging drag() {
    return new Dragging();
  }

  /** One page whose object is dragged. */
  final class Dragging implements WebSocket.Listener, AutoCloseable {
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final WebSocket socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(address.replaceFirst("^http", "ws") + "/api/socket"), this)
            .join();

    private Dragging() {}

    /** Asks for a view and waits for its image. */
    void view(double azimuth) throws IOException, InterruptedException {
      socket
          .sendText("{\"photograph\":\"" + id + "\",\"view\":{\"azimuth\":" + azimuth + "}}", true)
          .join();
      String error = answers.poll(1, TimeUnit.MINUTES);
      if (error == null || !error.isEmpty()) {
        throw new IOException("the server answers " + error);
      }
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      if (last) {
        answers.add("");
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      answers.add(data.toString());
      from.request(1);
      return null;
    }

    @Override
    public void close() {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }
  }
}
