package ai.fresnel.cvs.examples.serve;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.EncodedView;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.examples.image.OrbitFiles;
import ai.fresnel.cvs.examples.session.Session;
import ai.fresnel.cvs.model.ModelConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Views and orbits of photographs. */
final class ViewApi {

  /** One file of an orbit, by the word that asks for it. */
  private record Part(String file, String type) {}

  private static final Map<String, Part> PARTS =
      Map.of(
          "sheet", new Part(OrbitFiles.SHEET, "image/png"),
          "gif", new Part(OrbitFiles.ANIMATION, "image/gif"),
          "cameras", new Part(OrbitFiles.CAMERAS, "application/json"));

  private final Studio studio;
  private final ModelConfig model;

  ViewApi(Studio studio, ModelConfig model) {
    this.studio = studio;
    this.model = model;
  }

  void add(RoutesConfig routes) {
    routes.post("/api/photographs/{id}/views", this::view);
    routes.post("/api/photographs/{id}/orbit", ctx -> orbit(ctx, ViewApi::zip));
    PARTS.forEach(
        (word, part) ->
            routes.post(
                "/api/photographs/{id}/orbit/" + word,
                ctx -> orbit(ctx, (answer, folder) -> part(answer, folder, part))));
  }

  private void view(Context ctx) throws IOException {
    Session session = studio.session(ctx.pathParam("id"));
    ViewOrder order = Bodies.json(ctx, ViewOrder.USUAL);
    ctx.future(() -> studio.png(session, order).thenAccept(png -> Bodies.png(ctx, png)));
  }

  private void orbit(Context ctx, BiConsumer<Context, Path> answer) throws IOException {
    Session session = studio.session(ctx.pathParam("id"));
    OrbitOrder order = Bodies.json(ctx, OrbitOrder.USUAL);
    List<EncodedView> views = Studio.views(session, order.each());
    ViewRequest request =
        session.photograph().request(views.stream().map(EncodedView::target).toList());
    ctx.future(
        () ->
            studio
                .draw(views)
                .thenAccept(images -> inFolder(result(request, views, images), ctx, answer)));
  }

  private static ViewResult result(
      ViewRequest request, List<EncodedView> views, List<Image> images) {
    List<ViewResult.View> drawn = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      EncodedView view = views.get(i);
      drawn.add(new ViewResult.View(images.get(i), view.target(), view.sampling().seed()));
    }
    return new ViewResult(request, drawn, Duration.ZERO);
  }

  /** Writes an orbit to a folder of this request alone, answers from it, and removes it. */
  private void inFolder(ViewResult result, Context ctx, BiConsumer<Context, Path> answer) {
    try (TemporaryFolder folder = TemporaryFolder.make()) {
      OrbitFiles.write(folder.path(), result, model);
      answer.accept(ctx, folder.path());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void part(Context ctx, Path folder, Part part) {
    try {
      Bodies.file(ctx, part.type(), part.file(), Files.readAllBytes(folder.resolve(part.file())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void zip(Context ctx, Path folder) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> files = Files.list(folder).sorted()) {
      for (Path file : files.toList()) {
        zip.putNextEntry(new ZipEntry("orbit/" + file.getFileName()));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Bodies.file(ctx, "application/zip", "orbit.zip", out.toByteArray());
  }
}
