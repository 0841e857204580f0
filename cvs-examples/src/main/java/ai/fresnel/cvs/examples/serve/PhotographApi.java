package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.ObjectPlace;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.elevation.ElevationEstimator;
import ai.fresnel.cvs.examples.queue.BusyException;
import ai.fresnel.cvs.examples.session.PhotographStore;
import ai.fresnel.cvs.examples.session.Session;
import ai.fresnel.cvs.examples.session.SourceCamera;
import ai.fresnel.cvs.examples.session.StoredPhotograph;
import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.Mask;
import ai.fresnel.cvs.train.image.Photographs;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Photographs in, and what is known of them out. */
final class PhotographApi {

  /** Photographs that are received and decoded at a time: each may take 100 MB. */
  private static final int AT_A_TIME = 3;

  private static final long PATIENCE_SECONDS = 5;

  /** The most pixels of a photograph or mask. */
  private static final long MAX_PIXELS = 1L << 26;

  private static final long MAX_KEPT = 1L << 24;

  private final ViewSynthesizer cvs;
  private final Studio studio;
  private final PhotographStore store;
  private final int uploadBytes;
  private final ElevationEstimator estimator;
  private final Semaphore decoding = new Semaphore(AT_A_TIME);

  PhotographApi(ViewSynthesizer cvs, Studio studio, PhotographStore store, int uploadBytes)
      throws IOException {
    estimator = ElevationEstimator.bundled();
    this.cvs = cvs;
    this.studio = studio;
    this.store = store;
    this.uploadBytes = uploadBytes;
  }

  void add(RoutesConfig routes) {
    routes.post("/api/photographs", this::send);
    routes.get("/api/photographs/{id}", ctx -> describe(ctx, 200, session(ctx)));
    routes.delete("/api/photographs/{id}", this::forget);
    routes.put("/api/photographs/{id}/mask", this::mask);
    routes.put("/api/photographs/{id}/box", this::box);
    routes.put("/api/photographs/{id}/camera", this::camera);
    routes.get("/api/photographs/{id}/mask.png", ctx -> Bodies.png(ctx, photograph(ctx).maskPng()));
    routes.get("/api/photographs/{id}/framed.png", this::framed);
  }

  private Session session(Context ctx) {
    return studio.session(ctx.pathParam("id"));
  }

  private StoredPhotograph photograph(Context ctx) {
    return session(ctx).photograph();
  }

  /** Work on an image that was sent. */
  private interface Work {
    StoredPhotograph run(byte[] body) throws IOException;
  }

  private StoredPhotograph received(Context ctx, Work work) throws IOException {
    try {
      if (!decoding.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new BusyException("too many photographs are being received");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BusyException("too many photographs are being received");
    }
    try {
      byte[] body = Bodies.bytes(ctx, uploadBytes);
      if (body.length == 0) {
        throw new ApiException(400, "the body is empty, expected a PNG or JPEG file");
      }
      return work.run(body);
    } finally {
      decoding.release();
    }
  }

  private void send(Context ctx) throws IOException {
    StoredPhotograph photograph =
        received(
            ctx,
            body -> {
              Photograph read = Photographs.read(ImageFile.of("photograph", body));
              return StoredPhotograph.prepare(cvs, read, Optional.empty(), SourceCamera.assumed())
                  .settled(cvs, estimator);
            });
    describe(ctx, 201, store.add(photograph));
  }

  private void mask(Context ctx) throws IOException {
    Session session = session(ctx);
    StoredPhotograph masked =
        received(
            ctx,
            body -> {
              ImageFile file = ImageFile.of("mask", body).requirePixels(MAX_PIXELS);
              Mask mask = Mask.readUpright(file, MAX_KEPT);
              Photograph grey = Photograph.ofRgba(mask.image().rgba(), mask.width(), mask.height());
              StoredPhotograph before = session.photograph();
              return StoredPhotograph.prepare(
                      cvs, before.original(), Optional.of(grey), before.camera())
                  .settled(cvs, estimator);
            });
    session.replace(masked);
    describe(ctx, 200, session);
  }

  private void box(Context ctx) throws IOException {
    Session session = session(ctx);
    StoredPhotograph before = session.photograph();
    BoxOrder box = Bodies.json(ctx, new BoxOrder(0, 0, 1, 1));
    Photograph cut = box.cut(before.original());
    session.replace(
        StoredPhotograph.prepareMarked(cvs, before.original(), cut, before.camera())
            .settled(cvs, estimator));
    describe(ctx, 200, session);
  }

  private void camera(Context ctx) throws IOException {
    Session session = session(ctx);
    StoredPhotograph before = session.photograph();
    session.replace(before.withCamera(cvs, Bodies.json(ctx, before.camera())));
    describe(ctx, 200, session);
  }

  private void framed(Context ctx) {
    StoredPhotograph photograph = photograph(ctx);
    if (photograph.problem().isPresent()) {
      throw new ApiException(422, photograph.problem().get());
    }
    Bodies.png(ctx, photograph.framedPng());
  }

  private void forget(Context ctx) {
    session(ctx);
    store.remove(ctx.pathParam("id"));
    ctx.status(204);
  }

  private static void describe(Context ctx, int status, Session session) {
    StoredPhotograph photograph = session.photograph();
    JsonObject json = new JsonObject();
    json.addProperty("id", session.id());
    json.addProperty("width", photograph.original().width());
    json.addProperty("height", photograph.original().height());
    json.addProperty("masked", photograph.masked());
    JsonObject camera = new JsonObject();
    camera.addProperty("elevation", photograph.camera().elevation());
    camera.addProperty("radius", photograph.camera().radius());
    camera.addProperty("whole", photograph.camera().whole());
    json.add("camera", camera);
    json.addProperty("problem", photograph.problem().orElse(null));
    json.add("object", JsonNull.INSTANCE);
    photograph.place().ifPresent(place -> json.add("object", box(place)));
    Bodies.write(ctx, status, json);
  }

  private static JsonObject box(ObjectPlace place) {
    JsonObject box = new JsonObject();
    box.addProperty("left", place.left());
    box.addProperty("top", place.top());
    box.addProperty("right", place.right());
    box.addProperty("bottom", place.bottom());
    return box;
  }
}
