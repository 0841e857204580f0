package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.examples.session.Session;
import ai.fresnel.cvs.examples.session.SplatJob;
import ai.fresnel.cvs.examples.session.SplatJobs;
import ai.fresnel.cvs.examples.session.SplatOrder;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.file.SplatFiles;
import ai.fresnel.cvs.splat.file.SplatFormat;
import com.google.gson.JsonObject;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Gaussians of photographs: asked for, watched, fetched. */
final class SplatApi {

  private final Studio studio;
  private final SplatJobs jobs;

  SplatApi(Studio studio, SplatJobs jobs) {
    this.studio = studio;
    this.jobs = jobs;
  }

  void add(RoutesConfig routes) {
    routes.post("/api/photographs/{id}/splat", this::start);
    routes.get("/api/photographs/{id}/splat", ctx -> describe(ctx, 200, job(session(ctx))));
    for (SplatFormat format : SplatFormat.values()) {
      routes.get("/api/photographs/{id}/splat/splat." + format.ending(), ctx -> file(ctx, format));
    }
  }

  private Session session(Context ctx) {
    return studio.session(ctx.pathParam("id"));
  }

  private static SplatJob job(Session session) {
    return session
        .splat()
        .orElseThrow(() -> new ApiException(404, "there is no splat of this photograph: ask for"));
  }

  private void start(Context ctx) throws IOException {
    Session session = session(ctx);
    SplatOrder order = Bodies.json(ctx, SplatOrder.usual());
    try {
      describe(ctx, 202, jobs.start(session, order));
    } catch (IllegalStateException e) {
      throw new ApiException(422, e.getMessage());
    }
  }

  private static void describe(Context ctx, int status, SplatJob job) {
    SplatJob.Status now = job.status();
    JsonObject json = new JsonObject();
    json.addProperty("state", now.state().name().toLowerCase(Locale.ROOT));
    json.addProperty("progress", now.progress());
    json.addProperty("version", now.version());
    json.addProperty("gaussians", now.gaussians());
    json.addProperty("error", now.error().orElse(null));
    Bodies.write(ctx, status, json);
  }

  private void file(Context ctx, SplatFormat format) throws IOException {
    GaussianCloud cloud =
        job(session(ctx))
            .cloud()
            .orElseThrow(() -> new ApiException(409, "the splat has no Gaussians yet"));
    String name = "splat." + format.ending();
    try (TemporaryFolder folder = TemporaryFolder.make()) {
      Path file = folder.path().resolve(name);
      SplatFiles.write(file, cloud);
      Bodies.file(ctx, "application/octet-stream", name, Files.readAllBytes(file));
    }
  }
}
