package ai.fresnel.cvs.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.train.image.PngBytes;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts DJL Serving on a port of this machine's own and compares its views with the library's.
 *
 * <p>Its artifacts are not on every registry: the environment variable names an unpacked
 * distribution, with its jars in {@code lib}.
 */
@EnabledIfEnvironmentVariable(
    named = "DJL_SERVING_HOME",
    matches = ".+",
    disabledReason = "DJL_SERVING_HOME names no distribution of DJL Serving")
class RealServerTest {

  private static final int REQUESTS = 6;

  @TempDir Path home;

  /** Puts everything that this test runs with into {@code deps}, as docs/djl-serving.md says. */
  private void fillDeps(Path lib) throws IOException {
    Set<String> there;
    try (Stream<Path> jars = Files.list(lib)) {
      there = jars.map(jar -> jar.getFileName().toString()).collect(Collectors.toSet());
    }
    Path deps = Files.createDirectories(home.resolve("deps"));
    int number = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        pack(path, deps.resolve("classes-" + number++ + ".jar"));
      } else if (Files.exists(path) && !isOthers(path.getFileName().toString(), there)) {
        Files.createSymbolicLink(deps.resolve(path.getFileName()), path.toAbsolutePath());
      }
    }
  }

  /** JUnit deletes links itself, but warns of each. */
  private void unlink() throws IOException {
    try (Stream<Path> jars = Files.list(home.resolve("deps"))) {
      for (Path jar : jars.filter(Files::isSymbolicLink).toList()) {
        Files.delete(jar);
      }
    }
  }

  /** The server has a log of its own. */
  private static boolean isOthers(String name, Set<String> there) {
    return there.contains(name) || name.startsWith("slf4j") || name.startsWith("junit");
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void servedViewsAreThoseOfTheLibrary() throws Exception {
    Path distribution = Path.of(System.getenv("DJL_SERVING_HOME"));
    fillDeps(distribution.resolve("lib"));
    Path model = Requests.model(home.resolve("models/cvs"));
    // One request a pass: another batch may round otherwise.
    String properties = Files.readString(model.resolve("serving.properties"));
    Files.writeString(
        model.resolve("serving.properties"),
        properties.replaceAll("batch_size=\\d+", "batch_size=1") + "threads=1\n");
    int port = freePort();
    Path configuration = home.resolve("config.properties");
    Files.writeString(
        configuration,
        "inference_address=http://127.0.0.1:%d\nmanagement_address=http://127.0.0.1:%d\n"
                .formatted(port, port)
            + "model_store="
            + home.resolve("models")
            + "\nload_models=ALL\n");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dlog4j.configurationFile=" + distribution.resolve("conf/log4j2-console.xml"),
            "-cp",
            distribution.resolve("lib") + "/*",
            "ai.djl.serving.ModelServer",
            "-f",
            configuration.toString());
    builder.environment().put("MODEL_SERVER_HOME", home.toString());
    builder.environment().put("OMP_NUM_THREADS", "1");
    Path log = home.resolve("server.log");
    Process server = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      await(server, port, log);
      compare(model, port);
    } finally {
      server.destroy();
      assertTrue(server.waitFor(30, TimeUnit.SECONDS), "the server does not stop");
      unlink();
    }
  }

  private static void await(Process server, int port, Path log) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (int i = 0; i < 600 && server.isAlive(); i++) {
      try {
        HttpRequest ping = HttpRequest.newBuilder(uri(port, "/ping")).build();
        if (client.send(ping, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (ConnectException e) {
        // Not up yet.
      }
      Thread.sleep(200);
    }
    throw new IOException("the server does not start:\n" + Files.readString(log));
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** All requests at once; among them one that is refused. */
  private static void compare(Path model, int port) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    List<byte[]> photographs = new ArrayList<>();
    List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      photographs.add(Requests.photograph(i));
      answers.add(
          client.sendAsync(
              HttpRequest.newBuilder(uri(port, "/predictions/cvs?azimuth=" + 40 * i))
                  .header("Content-Type", "image/png")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(photographs.get(i)))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray()));
    }
    HttpResponse<String> refusal =
        client.send(
            HttpRequest.newBuilder(uri(port, "/predictions/cvs?azimuth=60"))
                .POST(HttpRequest.BodyPublishers.ofString("no image"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(400, refusal.statusCode(), refusal.body());
    assertTrue(refusal.body().contains("photograph: "), refusal.body());
    SynthesizerOptions options =
        SynthesizerOptions.defaults().withDevice(Device.cpu()).withThreads(1);
    try (ViewSynthesizer cvs = ViewSynthesizer.load(model, options)) {
      for (int i = 0; i < REQUESTS; i++) {
        HttpResponse<byte[]> answer = answers.get(i).get(60, TimeUnit.SECONDS);
        assertEquals(200, answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        assertEquals("image/png", answer.headers().firstValue("Content-Type").orElse(""));
        byte[] expected =
            PngBytes.of(cvs.generate(Requests.request(photographs.get(i), 40 * i)).image());
        assertArrayEquals(expected, answer.body(), "view " + i);
      }
    }
  }
}
