package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.terminal.Verb;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs serve}: a page that turns photographs, and the API behind it. */
@Command(
    name = "serve",
    description = {
      "Serve a page that turns the object of a photograph, and an API for other programs.",
      "Photographs stay in memory. Ends at Ctrl-C or SIGTERM, after the views that are under way."
    },
    footer = {"", "Example: cvs serve --port 8080, then open http://127.0.0.1:8080"})
public final class ServeVerb extends Verb {

  private static final ServeOptions DEFAULTS = ServeOptions.defaults();
  private static final int MEGABYTE = 1_000_000;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description =
          "Where to listen (default ${DEFAULT-VALUE}, this machine alone). There is no login:"
              + " put a proxy with one in front before others may come.")
  String host = DEFAULTS.host();

  @Option(names = "--port", paramLabel = "N", description = "The port (default ${DEFAULT-VALUE}).")
  int port = DEFAULTS.port();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "The model folder (default: the bundled model).")
  Path model;

  @Option(
      names = "--queue",
      paramLabel = "N",
      description = "Most views that wait; more are refused with 429 (default ${DEFAULT-VALUE}).")
  int queue = DEFAULTS.queue();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Most views that the network draws at once (default ${DEFAULT-VALUE}).")
  int batch = DEFAULTS.batch();

  @Option(
      names = "--timeout",
      paramLabel = "S",
      description = "Seconds that a request may wait for its views (default ${DEFAULT-VALUE}).")
  int timeout = (int) DEFAULTS.timeout().toSeconds();

  @Option(
      names = "--upload",
      paramLabel = "MB",
      description = "Largest photograph in megabytes (default ${DEFAULT-VALUE}).")
  int upload = DEFAULTS.uploadBytes() / MEGABYTE;

  @Option(
      names = "--photographs",
      paramLabel = "N",
      description = "Most photographs in memory (default ${DEFAULT-VALUE}).")
  int photographs = DEFAULTS.photographs();

  @Option(
      names = "--keep",
      paramLabel = "MIN",
      description =
          "Minutes that a photograph is kept that nobody asks for (default ${DEFAULT-VALUE}).")
  int keep = (int) DEFAULTS.age().toMinutes();

  /** Makes the verb. */
  public ServeVerb() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    range("--port", port, 0, 65_535);
    range("--queue", queue, 1, 100_000);
    range("--batch", batch, 1, 256);
    range("--timeout", timeout, 1, 3600);
    range("--upload", upload, 1, 250);
    range("--photographs", photographs, 1, 100_000);
    range("--keep", keep, 1, 100_000);
    ServeOptions options =
        DEFAULTS
            .at(host, port)
            .withQueue(queue, batch, Duration.ofSeconds(timeout))
            .withPhotographs(upload * MEGABYTE, photographs, Duration.ofMinutes(keep));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    try (ViewSynthesizer cvs = load();
        ViewServer server = ViewServer.start(cvs, options)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(asked, stopped), "stop"));
      out().println("serving " + cvs.config().name() + " on " + server.address());
      out().flush();
      asked.await();
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  /** Asks the server to stop, and lets Java end when it has. */
  private static void stop(CountDownLatch asked, CountDownLatch stopped) {
    asked.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void range(String name, int value, int least, int most) {
    require(
        value >= least && value <= most,
        name + " is " + value + ", expected " + least + " to " + most);
  }

  private ViewSynthesizer load() throws IOException {
    SynthesizerOptions options = SynthesizerOptions.defaults().withDevice(device());
    return model == null ? ViewSynthesizer.load(options) : ViewSynthesizer.load(model, options);
  }
}
