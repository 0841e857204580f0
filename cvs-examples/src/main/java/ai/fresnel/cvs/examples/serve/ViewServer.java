package ai.fresnel.cvs.examples.serve;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.EncodedView;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.queue.BatchQueue;
import ai.fresnel.cvs.examples.queue.StoppingException;
import ai.fresnel.cvs.examples.session.PhotographStore;
import ai.fresnel.cvs.examples.session.SplatJobs;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinException;
import io.javalin.util.JavalinLogger;
import io.javalin.websocket.WsCloseStatus;
import io.javalin.websocket.WsConfig;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.api.Session;

/**
 * A model behind a page, a JSON API and a WebSocket.
 *
 * <pre>{@code
 * try (ViewServer server = ViewServer.start(cvs, ServeOptions.defaults())) {
 *   System.out.println(server.address());
 * }
 * }</pre>
 */
public final class ViewServer implements AutoCloseable {

  /** Threads that read requests and write answers; those that wait for a view hold none. */
  private static final int THREADS = 32;

  /** Time that answers under way have to end, milliseconds. */
  private static final long STOP_MILLISECONDS = 5000;

  private static final int IDLE_MILLISECONDS = 30_000;

  private static final int MAX_MESSAGE = 4096;
  private static final int MAX_SOCKETS = 256;

  private final ViewSynthesizer cvs;
  private final ServeOptions options;
  private final PhotographStore store;
  private final Studio studio;
  private final PhotographApi photographs;
  private final SplatJobs jobs;
  private final ServerMetrics metrics = new ServerMetrics();
  private final PageFiles page;
  private final OriginGuard guard;
  private final Map<Session, ViewSocket> sockets = new ConcurrentHashMap<>();
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "sweeper");
            thread.setDaemon(true);
            return thread;
          });
  private final Javalin javalin;
  private volatile boolean stopping;

  private ViewServer(
      ViewSynthesizer cvs, ServeOptions options, Function<List<EncodedView>, List<Image>> pass)
      throws IOException {
    this.cvs = cvs;
    this.options = options;
    page = PageFiles.load();
    guard = new OriginGuard(options.host(), page.importMapHash());
    long quarter = Runtime.getRuntime().maxMemory() / 4;
    store = new PhotographStore(options.photographs(), quarter, options.age());
    BatchQueue<EncodedView, Image> queue =
        new BatchQueue<>(pass, options.queue(), options.batch(), metrics);
    studio = new Studio(store, queue, options.timeout(), metrics);
    photographs = new PhotographApi(cvs, studio, store, options.uploadBytes());
    jobs = new SplatJobs(cvs, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    metrics.watch(queue, store);
    javalin = Javalin.create(this::configure);
  }

  /**
   * Starts a server.
   *
   * @param cvs draws the views; it stays open
   * @param options where to listen, and bounds
   * @return the server
   * @throws IOException if it cannot listen there
   */
  public static ViewServer start(ViewSynthesizer cvs, ServeOptions options) throws IOException {
    return start(cvs, options, cvs::draw);
  }

  /** Starts a server whose views are drawn by something else. */
  static ViewServer start(
      ViewSynthesizer cvs, ServeOptions options, Function<List<EncodedView>, List<Image>> pass)
      throws IOException {
    ViewServer server = new ViewServer(cvs, options, pass);
    boolean started = false;
    try {
      server.listen();
      started = true;
      return server;
    } finally {
      if (!started) {
        server.close();
      }
    }
  }

  private void listen() throws IOException {
    // What it would log is said below, in one line.
    JavalinLogger.enabled = false;
    try {
      javalin.start();
    } catch (JavalinException e) {
      throw new IOException(cannotListen(e), e);
    }
    var unused = sweeper.scheduleWithFixedDelay(store::sweep, 1, 1, TimeUnit.MINUTES);
  }

  private String cannotListen(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof BindException && cause.getMessage().contains("in use")) {
      return "port " + options.port() + " of " + options.host() + " is taken, try another --port";
    }
    String why =
        cause instanceof UnresolvedAddressException
            ? "no address of that name is known"
            : cause.getMessage();
    return "cannot listen on " + options.host() + ", port " + options.port() + ": " + why;
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.jetty.host = options.host();
    config.jetty.port = options.port();
    config.jetty.threadPool = new QueuedThreadPool(THREADS, 2);
    config.jetty.modifyServer(server -> server.setStopTimeout(STOP_MILLISECONDS));
    config.jetty.modifyHttpConfiguration(http -> http.setIdleTimeout(IDLE_MILLISECONDS));
    config.jetty.modifyWebSocketServletFactory(
        factory -> {
          factory.setMaxTextMessageSize(MAX_MESSAGE);
          factory.setMaxBinaryMessageSize(MAX_MESSAGE);
          factory.setIdleTimeout(Duration.ofMinutes(5));
        });
    // Views time out by themselves.
    config.http.asyncTimeout = 0;
    config.requestLogger.http(
        (ctx, milliseconds) ->
            metrics.answered(ctx.req().getMethod(), route(ctx), ctx.statusCode()));
    routes(config.routes);
  }

  private static String route(Context ctx) {
    return ctx.statusCode() == 404 ? "other" : ctx.endpoint().path;
  }

  private void routes(RoutesConfig routes) {
    routes.before(
        ctx -> {
          guard.protect(ctx);
          guard.check(ctx);
          if (stopping) {
            throw new StoppingException();
          }
        });
    routes.wsBeforeUpgrade(guard::check);
    for (String path : page.paths()) {
      routes.get(path, ctx -> page.answer(ctx, path));
    }
    routes.get("/health", this::health);
    routes.get("/metrics", ctx -> ctx.contentType("text/plain").result(metrics.text()));
    photographs.add(routes);
    new ViewApi(studio, cvs.config()).add(routes);
    new SplatApi(studio, jobs).add(routes);
    routes.ws("/api/socket", this::socket);
    routes.exception(Exception.class, (e, ctx) -> Bodies.refuse(ctx, Refusal.of(e)));
    routes.exception(HttpResponseException.class, (e, ctx) -> Bodies.refuse(ctx, Refusal.of(e)));
  }

  private void health(Context ctx) {
    JsonObject json = new JsonObject();
    json.addProperty("status", "ok");
    json.addProperty("model", cvs.config().name());
    json.addProperty("imageSize", cvs.config().imageSize());
    JsonArray steps = new JsonArray();
    cvs.config().fewStepSigmas().keySet().forEach(steps::add);
    json.add("steps", steps);
    json.addProperty("temperature", cvs.config().sampling().temperature());
    json.addProperty("splat", jobs.isPossible());
    json.addProperty("uploadBytes", options.uploadBytes());
    Bodies.write(ctx, 200, json);
  }

  private void socket(WsConfig socket) {
    socket.onConnect(
        ctx -> {
          if (sockets.size() >= MAX_SOCKETS) {
            ctx.closeSession(WsCloseStatus.TRY_AGAIN_LATER, "too many pages are open");
          } else {
            sockets.put(ctx.session, new ViewSocket(ctx.session, studio, metrics));
          }
        });
    socket.onMessage(
        ctx -> {
          ViewSocket views = sockets.get(ctx.session);
          if (views != null) {
            views.ask(ctx.message());
          }
        });
    socket.onBinaryMessage(ctx -> ctx.closeSession(1003, "expected text"));
    socket.onClose(ctx -> forget(ctx.session));
    socket.onError(ctx -> forget(ctx.session));
  }

  private void forget(Session session) {
    ViewSocket socket = sockets.remove(session);
    if (socket != null) {
      socket.close();
    }
  }

  /**
   * Returns where the server listens.
   *
   * @return the address of the page
   */
  public String address() {
    String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
    return "http://" + host + ":" + javalin.port();
  }

  /**
   * Stops: refuses new work, ends the pass that is under way, sends its views, and forgets all
   * photographs.
   */
  @Override
  public void close() {
    stopping = true;
    sweeper.shutdownNow();
    studio.close();
    javalin.stop();
    jobs.close();
  }
}
