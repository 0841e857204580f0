package ai.fresnel.cvs.examples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.EncodedView;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.cli.RandomModel;
import ai.fresnel.cvs.examples.serve.Client.Answer;
import ai.fresnel.cvs.model.ModelConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Asks servers for more than they can draw, with passes of a known length. */
@Timeout(60)
class ServerLoadTest {

  private static final int CLIENTS = 50;
  private static final long SECONDS = 2;

  @TempDir static Path folder;
  private static ViewSynthesizer cvs;

  private final AtomicInteger largest = new AtomicInteger();

  @BeforeAll
  static void load() throws Exception {
    Path model = folder.resolve("model");
    ModelConfig config = RandomModel.config(ModelConfig.Kind.CONSISTENCY, 16).build();
    RandomModel.write(model, config, (manager, weights) -> {});
    cvs = ViewSynthesizer.load(model, SynthesizerOptions.defaults().withDevice(Device.cpu()));
  }

  @AfterAll
  static void close() {
    cvs.close();
  }

  private List<Image> slowly(List<EncodedView> views, long milliseconds) {
    largest.accumulateAndGet(views.size(), Math::max);
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    Image black = ImageFactory.getInstance().fromPixels(new int[256], 16, 16);
    return Collections.nCopies(views.size(), black);
  }

  private ViewServer server(int queue, long milliseconds, Duration timeout) throws IOException {
    ServeOptions options = ServeOptions.defaults().at("127.0.0.1", 0).withQueue(queue, 4, timeout);
    return ViewServer.start(cvs, options, views -> slowly(views, milliseconds));
  }

  @Test
  void manyClientsGetViewsOrAreToldToWait() throws Exception {
    try (ViewServer server = server(16, 20, Duration.ofSeconds(10))) {
      Client client = new Client(server);
      String chair = client.chair();
      Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
      List<Future<Void>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(
            threads.submit(
                () -> {
                  while (System.nanoTime() < end) {
                    Answer answer = client.post(chair + "/views", "{\"azimuth\": 30}");
                    statuses
                        .computeIfAbsent(answer.status(), s -> new AtomicInteger())
                        .incrementAndGet();
                    if (answer.status() == 429) {
                      assertEquals("1", answer.header("Retry-After"));
                      Thread.sleep(20);
                    }
                  }
                  return null;
                }));
      }
      for (Future<Void> each : clients) {
        each.get();
      }
      threads.shutdown();
      Map<Integer, AtomicInteger> sorted = new TreeMap<>(statuses);
      assertEquals("[200, 429]", sorted.keySet().toString(), sorted::toString);
      assertTrue(largest.get() > 1, "views of several requests shared no pass");
      assertEquals(200, client.post(chair + "/views", "{}").status());
    }
  }

  @Test
  void aRequestDoesNotWaitForEver() throws Exception {
    try (ViewServer server = server(16, 700, Duration.ofMillis(100))) {
      Client client = new Client(server);
      Answer answer = client.post(client.chair() + "/views", "{}");
      assertEquals(503, answer.status());
      assertEquals("the time for this request is over", answer.error());
    }
  }

  @Test
  void stoppingEndsThePassThatIsUnderWay() throws Exception {
    ViewServer server = server(16, 800, Duration.ofSeconds(10));
    Client client = new Client(server);
    String chair = client.chair();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    Future<Answer> under = threads.submit(() -> client.post(chair + "/views", "{}"));
    while (largest.get() == 0) {
      Thread.sleep(5);
    }
    Future<?> closing = threads.submit(server::close);
    Thread.sleep(100);
    Answer refused = client.post(chair + "/views", "{}");
    assertEquals(503, refused.status());
    assertEquals("the server is stopping", refused.error());
    assertEquals(200, under.get().status());
    closing.get();
    assertThrows(IOException.class, () -> client.get("/health"));
    threads.shutdown();
  }

  @Test
  void aTakenPortIsNamed() throws Exception {
    try (ViewServer server = server(4, 1, Duration.ofSeconds(1))) {
      int port = URI.create(server.address()).getPort();
      ServeOptions options = ServeOptions.defaults().at("127.0.0.1", port);
      IOException e = assertThrows(IOException.class, () -> ViewServer.start(cvs, options));
      assertEquals("port " + port + " of 127.0.0.1 is taken, try another --port", e.getMessage());
    }
  }

  /** Collects what comes through a socket. */
  private static final class Answers implements WebSocket.Listener {
    final BlockingQueue<Long> views = new LinkedBlockingQueue<>();
    final BlockingQueue<String> errors = new LinkedBlockingQueue<>();
    final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      views.add(data.getLong(0));
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      errors.add(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      closed.countDown();
      return null;
    }
  }

  @Test
  void theNewestPoseWins() throws Exception {
    try (ViewServer server = server(16, 150, Duration.ofSeconds(10))) {
      Client client = new Client(server);
      String id = client.chair().replaceFirst(".*/", "");
      Answers answers = new Answers();
      WebSocket socket =
          client
              .http()
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create(client.address().replace("http", "ws") + "/api/socket"), answers)
              .join();
      for (int i = 1; i <= 9; i++) {
        String order =
            "{\"request\": %d, \"photograph\": \"%s\", \"view\": {\"azimuth\": %d}}"
                .formatted(i, id, 10 * i);
        socket.sendText(order, true).join();
        if (i == 1) {
          Thread.sleep(50);
        }
      }
      assertEquals(1, answers.views.poll(10, TimeUnit.SECONDS));
      assertEquals(9, answers.views.poll(10, TimeUnit.SECONDS));
      assertTrue(client.get("/metrics").text().contains("cvs_views_stale_total 7.0"));

      socket.sendText("{\"request\": 10, \"photograph\": \"none\"}", true).join();
      String error = answers.errors.poll(10, TimeUnit.SECONDS);
      assertTrue(error.contains("\"request\":10") && error.contains("404"), error);
      socket.sendText("no JSON", true).join();
      assertTrue(answers.errors.poll(10, TimeUnit.SECONDS).contains("not JSON"));
      assertTrue(answers.views.isEmpty());
    }
  }
}
