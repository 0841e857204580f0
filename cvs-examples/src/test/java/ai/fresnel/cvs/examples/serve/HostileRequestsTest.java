package ai.fresnel.cvs.examples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.cli.RandomModel;
import ai.fresnel.cvs.examples.serve.Client.Answer;
import ai.fresnel.cvs.model.ModelConfig;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sends what a server must refuse: each with one sentence, and nothing left behind. */
@Timeout(120)
class HostileRequestsTest {

  private static final int UPLOAD = 1_000_000;

  @TempDir static Path folder;
  private static ViewSynthesizer cvs;
  private static ViewServer server;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    Path model = folder.resolve("model");
    ModelConfig config = RandomModel.config(ModelConfig.Kind.CONSISTENCY, 16).build();
    RandomModel.write(model, config, (manager, weights) -> {});
    cvs = ViewSynthesizer.load(model, SynthesizerOptions.defaults().withDevice(Device.cpu()));
    ServeOptions options = ServeOptions.defaults().at("127.0.0.1", 0);
    server = ViewServer.start(cvs, options.withPhotographs(UPLOAD, 2, options.age()));
    client = new Client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
    cvs.close();
  }

  private static long temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(file -> file.getFileName().toString().startsWith("cvs-serve-")).count();
    }
  }

  private static void assertRefused(int status, String sentence, Answer answer) {
    assertEquals(status, answer.status(), answer::text);
    assertFalse(answer.error().contains("\n"));
    assertTrue(answer.error().matches(sentence), answer::error);
  }

  @Test
  void badFilesAreRefused() throws Exception {
    final long before = temporaryFiles();
    String path = "/api/photographs";
    assertRefused(400, "the body is empty, expected a PNG.*", client.post(path, new byte[0]));
    assertRefused(400, "photograph: .*", client.post(path, "no image at all"));
    assertRefused(400, "photograph: .*", client.post(path, Uploads.heic()));
    assertRefused(
        400, "photograph: .*20000×20000.*", client.post(path, Uploads.png(20_000, 20_000, 1000)));
    assertRefused(
        400, "photograph: .*9000×9000.*", client.post(path, Uploads.png(9000, 9000, 50_000_000)));
    // Few pixels claimed, too many packed; many claimed, too few packed.
    Answer bomb = client.post(path, Uploads.png(100, 100, 200_000_000));
    assertTrue(bomb.status() == 400 || bomb.status() == 201, bomb::text);
    assertRefused(400, "photograph: .*", client.post(path, Uploads.png(4000, 4000, 1000)));
    assertRefused(
        413, "the body is too long.*1000000 bytes", client.post(path, new byte[30 << 20]));
    assertRefused(
        400, "mask: .*", client.send("PUT", client.chair() + "/mask", new byte[] {1, 2, 3}));
    assertEquals(before, temporaryFiles());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{                     | body: not JSON: .*",
        "[]                    | body is \\[\\], expected an object",
        "{\"azimut\": 1}       | body: unknown setting \"azimut\", expected one of .*",
        "{\"azimuth\": \"1\"}  | body: azimuth is \"1\", expected a number",
        "{\"azimuth\": 1e999}  | body: azimuth is 1e999, expected a number",
        "{\"azimuth\": 1, \"azimuth\": 2} | body: \"azimuth\" is there twice",
        "{\"elevation\": 80}   | elevation is 80.0, which with the photograph's 20.0 is 100.0, .*",
        "{\"radius\": 0}       | body: radius is 0.0, expected above 0, up to 100",
        "{\"steps\": 9}        | steps is 9, expected one of \\[1.*",
        "{\"steps\": 1.5}      | body: steps is 1.5, expected an integer",
        "{\"temperature\": 2}  | body: temperature is 2.0, expected 0 to 1",
        "{} {}                 | body: text follows the JSON value",
      })
  void badOrdersAreRefused(String json, String sentence) throws Exception {
    assertRefused(400, sentence, client.post(client.chair() + "/views", json));
  }

  @Test
  void longOrdersAreRefused() throws Exception {
    String order = "{\"azimuth\": " + " ".repeat(20_000) + "1}";
    assertRefused(413, "the body is too long.*", client.post(client.chair() + "/views", order));
    assertRefused(
        400,
        "body: views is 61, expected 1 to 60",
        client.post(client.chair() + "/orbit", "{\"views\": 61}"));
  }

  @Test
  void otherPagesAreRefused() throws Exception {
    byte[] photograph = Client.demo();
    String path = "/api/photographs";
    assertRefused(
        403,
        "the request comes from another page.*",
        client.send("POST", path, photograph, "Origin", "http://example.org"));
    assertRefused(
        403,
        "the request comes from another page.*",
        client.send("POST", path, photograph, "Sec-Fetch-Site", "cross-site"));
    assertRefused(
        403,
        "the request comes from another page.*",
        client.send("POST", path, photograph, "Origin", "null"));
    assertEquals(201, client.send("POST", path, photograph, "Origin", client.address()).status());
    URI socket = URI.create(client.address().replace("http", "ws") + "/api/socket");
    CompletionException e =
        assertThrows(
            CompletionException.class,
            () ->
                client
                    .http()
                    .newWebSocketBuilder()
                    .header("Origin", "http://example.org")
                    .buildAsync(socket, new WebSocket.Listener() {})
                    .join());
    assertTrue(e.toString().contains("WebSocketHandshakeException"), e::toString);
  }

  /** Sends a request as it stands and returns the first line of the answer. */
  private static String raw(String request) throws IOException {
    URI address = URI.create(client.address());
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      String answer = new String(socket.getInputStream().readNBytes(200), StandardCharsets.UTF_8);
      return answer.lines().findFirst().orElse("");
    }
  }

  @Test
  void aNameThatIsNotThisMachinesIsRefused() throws Exception {
    String end = "\r\nConnection: close\r\n\r\n";
    assertTrue(raw("GET /health HTTP/1.1\r\nHost: evil.example" + end).contains(" 403 "));
    assertTrue(raw("GET /health HTTP/1.1\r\nHost: localhost:1" + end).contains(" 200 "));
  }

  @Test
  void pathsReachNoFiles() throws Exception {
    String end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for (String path :
        List.of(
            "/../pom.xml",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/examples/..%2f..%2findex.html",
            "/..\\..\\etc\\passwd",
            "/api/photographs/..%2f..%2fetc%2fpasswd",
            "/three/../../etc/passwd",
            "//etc/passwd")) {
      String line = raw("GET " + path + end);
      assertTrue(line.contains(" 404 ") || line.contains(" 400 "), path + ": " + line);
    }
    assertRefused(404, "there is nothing of this name", client.get("/nothing"));
  }

  @Test
  void theOldestPhotographIsForgotten() throws Exception {
    String first = client.chair();
    String second = client.chair();
    assertEquals(200, client.get(first).status());
    String third = client.chair();
    assertEquals(404, client.get(second).status());
    assertEquals(200, client.get(first).status());
    assertEquals(200, client.get(third).status());
    assertEquals(404, client.get("/api/photographs/0123456789abcdef").status());
  }

  @Test
  void aModelWithoutAVolumeMakesNoSplat() throws Exception {
    assertRefused(
        422,
        "model tiny has no volume, which Gaussians are made of",
        client.post(client.chair() + "/splat", ""));
  }
}
