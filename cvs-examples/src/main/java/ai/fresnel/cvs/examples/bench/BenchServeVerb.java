package ai.fresnel.cvs.examples.bench;

import ai.fresnel.cvs.EncodedView;
import ai.fresnel.cvs.ObjectCode;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.Sampling;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.image.ImageFiles;
import ai.fresnel.cvs.examples.serve.ServeOptions;
import ai.fresnel.cvs.examples.serve.ViewServer;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.geometry.CameraPose;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs bench serve}: times a server on loopback, and asks it for more than it can draw. */
@Command(
    name = "serve",
    description = {
      "Time views of a server on this machine, from the request to the image, beside the network's own"
          + " time for the same view.",
      "Then let many clients ask at once, and print what they were answered and the memory."
    })
final class BenchServeVerb extends Verb {

  private static final int WARM = 20;

  @Option(
      names = "--image",
      required = true,
      paramLabel = "FILE",
      description = "The photograph, PNG or JPEG.")
  Path image;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "The model folder (default: the bundled model).")
  Path model;

  @Option(
      names = "--views",
      paramLabel = "N",
      description = "Views to time one by one (default ${DEFAULT-VALUE}).")
  int views = 200;

  @Option(
      names = "--clients",
      paramLabel = "N",
      description = "Clients at once (default ${DEFAULT-VALUE}).")
  int clients = 50;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long they ask (default ${DEFAULT-VALUE}).")
  int seconds = 120;

  @Override
  public Integer call() throws IOException, InterruptedException {
    require(views >= 1 && views <= 100_000, "--views is " + views + ", expected 1 to 100000");
    require(clients >= 0 && clients <= 500, "--clients is " + clients + ", expected 0 to 500");
    require(seconds >= 1 && seconds <= 3600, "--seconds is " + seconds + ", expected 1 to 3600");
    byte[] file = Files.readAllBytes(requireExists(image));
    SynthesizerOptions options = SynthesizerOptions.defaults().withDevice(device());
    try (ViewSynthesizer cvs =
            model == null ? ViewSynthesizer.load(options) : ViewSynthesizer.load(model, options);
        ViewServer server = ViewServer.start(cvs, ServeOptions.defaults().at("127.0.0.1", 0))) {
      ServerLoad load = new ServerLoad(server.address(), file);
      time(cvs, load, file);
      if (clients > 0) {
        crowd(load);
      }
    }
    return 0;
  }

  /** Times the network and the server by turns, so that both see the same machine. */
  private void time(ViewSynthesizer cvs, ServerLoad load, byte[] file)
      throws IOException, InterruptedException {
    Photograph photograph =
        ImageFiles.readPhotograph(image.toString(), new ByteArrayInputStream(file));
    CameraPose source = CameraPose.orbit(0, Math.toRadians(20), 1.7);
    double[] network = new double[views];
    double[] socket = new double[views];
    ObjectCode encoded = cvs.encode(ViewRequest.of(photograph, source, List.of(source)));
    try (ServerLoad.Dragging dragging = load.drag()) {
      for (int i = -WARM; i < views; i++) {
        double azimuth = 2.0 * i % 360;
        CameraPose target =
            CameraPose.orbit(Math.toRadians(azimuth), source.elevation(), source.radius());
        long start = System.nanoTime();
        cvs.draw(List.of(new EncodedView(encoded, target, Sampling.defaults())));
        long middle = System.nanoTime();
        dragging.view(azimuth);
        long end = System.nanoTime();
        if (i >= 0) {
          network[i] = (middle - start) / 1e6;
          socket[i] = (end - middle) / 1e6;
        }
      }
    }
    out().println("                       median ms   95 % ms");
    line("network alone        %11.1f %9.1f", share(network, 0.5), share(network, 0.95));
    line("request to image     %11.1f %9.1f", share(socket, 0.5), share(socket, 0.95));
    line(
        "ratio                %11.2f %9.2f",
        share(socket, 0.5) / share(network, 0.5), share(socket, 0.95) / share(network, 0.95));
  }

  private void crowd(ServerLoad load) throws InterruptedException {
    out().println(clients + " clients for " + seconds + " s:");
    System.gc();
    long before = ResidentMemory.now();
    ServerLoad.Counts half = load.crowd(clients, (seconds + 1) / 2);
    long middle = ResidentMemory.now();
    ServerLoad.Counts rest = load.crowd(clients, seconds / 2);
    System.gc();
    long after = ResidentMemory.now();
    ServerLoad.Counts all = half.plus(rest);
    double[] waits = all.milliseconds().stream().mapToDouble(Double::doubleValue).toArray();
    line("views                %d, %.1f a second", waits.length, waits.length / (double) seconds);
    line("told to wait (429)   %d", all.busy());
    line("other answers        %s", all.others());
    if (waits.length > 0) {
      line("median, 95 %% ms      %.0f, %.0f", share(waits, 0.5), share(waits, 0.95));
    }
    if (before != ResidentMemory.UNKNOWN) {
      line(
          "resident memory MB   %d before, %d in the middle, %d after",
          before >> 20, middle >> 20, after >> 20);
    }
  }

  /** Returns the value that a share of all is not above. */
  private static double share(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * (sorted.length - 1)))];
  }

  private void line(String format, Object... values) {
    out().println(String.format(Locale.ROOT, format, values));
    out().flush();
  }
}
