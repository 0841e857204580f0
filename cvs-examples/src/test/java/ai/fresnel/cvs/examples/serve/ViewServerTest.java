package ai.fresnel.cvs.examples.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.image.ImageFiles;
import ai.fresnel.cvs.examples.serve.Client.Answer;
import ai.fresnel.cvs.geometry.CameraPose;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Asks a server with the bundled model for all that the API offers. */
@Timeout(120)
class ViewServerTest {

  private static ViewSynthesizer cvs;
  private static ViewServer server;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    cvs = ViewSynthesizer.load(SynthesizerOptions.defaults().withDevice(Device.cpu()));
    server = ViewServer.start(cvs, ServeOptions.defaults().at("127.0.0.1", 0));
    client = new Client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
    cvs.close();
  }

  @Test
  void aViewIsTheLibrarys() throws Exception {
    String chair = client.chair();
    String order = "{\"azimuth\": 60, \"elevation\": -5, \"seed\": 3, \"steps\": 2}";
    Answer answer = client.post(chair + "/views", order);
    assertEquals(200, answer.status(), answer::text);
    assertEquals("image/png", answer.header("Content-Type"));
    // Estimated by the server.
    double elevation = client.get(chair).json().get("camera").get("elevation").number();
    CameraPose source = CameraPose.orbit(0, Math.toRadians(elevation), 1.7);
    CameraPose target = CameraPose.orbit(Math.toRadians(60), Math.toRadians(elevation - 5), 1.7);
    ViewRequest request =
        ViewRequest.of(
                ImageFiles.readPhotograph("chair", new ByteArrayInputStream(Client.demo())),
                source,
                List.of(target))
            .withSeed(3)
            .withSteps(2);
    BufferedImage expected = ImageFiles.sideBySide(cvs.generate(request).images());
    BufferedImage view = ImageIO.read(new ByteArrayInputStream(answer.body()));
    assertArrayEquals(ImageFiles.channels(expected), ImageFiles.channels(view));

    // A seed repeats exactly, another draws another.
    assertArrayEquals(answer.body(), client.post(chair + "/views", order).body());
    String other = order.replace("3,", "4,");
    assertFalse(Arrays.equals(answer.body(), client.post(chair + "/views", other).body()));
  }

  @Test
  void aPhotographSaysWhatWasFound() throws Exception {
    Answer sent = client.post("/api/photographs", Client.demo());
    assertEquals(201, sent.status());
    assertEquals(256, sent.json().get("width").integer());
    assertTrue(sent.json().get("problem").isNull());
    assertTrue(sent.json().get("object").get("left").integer() > 50);
    String path = "/api/photographs/" + sent.json().get("id").string();
    assertEquals(sent.text(), client.get(path).text());
    byte[] framed = client.get(path + "/framed.png").body();
    assertEquals(512, ImageIO.read(new ByteArrayInputStream(framed)).getWidth());
    byte[] mask = client.get(path + "/mask.png").body();
    assertEquals(0, ImageIO.read(new ByteArrayInputStream(mask)).getRGB(0, 0) & 255);

    Answer moved =
        client.send(
            "PUT", path + "/camera", "{\"elevation\": 35}".getBytes(StandardCharsets.UTF_8));
    assertEquals(35, moved.json().get("camera").get("elevation").number());
    assertEquals(1.7, moved.json().get("camera").get("radius").number());

    byte[] box =
        "{\"x\": 0.05, \"y\": 0.05, \"width\": 0.9, \"height\": 0.9}"
            .getBytes(StandardCharsets.UTF_8);
    Answer boxed = client.send("PUT", path + "/box", box);
    assertEquals(200, boxed.status(), boxed::text);
    assertTrue(boxed.json().get("masked").bool());
    assertTrue(boxed.json().get("problem").isNull(), boxed::text);

    assertEquals(204, client.send("DELETE", path, new byte[0]).status());
    Answer gone = client.post(path + "/views", "");
    assertEquals(404, gone.status());
    assertEquals("there is no such photograph, or not any more: send it", gone.error());
  }

  @Test
  void aBusyBackgroundNeedsAMask() throws Exception {
    Answer sent = client.post("/api/photographs", Uploads.busy(96));
    assertEquals(201, sent.status());
    String problem = sent.json().get("problem").string();
    String path = "/api/photographs/" + sent.json().get("id").string();
    Answer refused = client.post(path + "/views", "{}");
    assertEquals(422, refused.status());
    assertEquals(problem, refused.error());
    assertEquals(422, client.get(path + "/framed.png").status());
    assertEquals(422, client.post(path + "/orbit", "{}").status());
    assertEquals(422, client.post(path + "/splat", "{}").status());

    Answer wrong = client.send("PUT", path + "/mask", Uploads.disc(64));
    assertEquals(400, wrong.status());
    assertEquals("mask is 64×64 pixels, expected the photograph's 96×96", wrong.error());
    Answer whole = client.send("PUT", path + "/box", new byte[0]);
    assertEquals(400, whole.status());
    assertTrue(whole.error().startsWith("box 0,0,96,96 is the whole photograph"), whole::error);
    Answer masked = client.send("PUT", path + "/mask", Uploads.disc(96));
    assertTrue(masked.json().get("problem").isNull(), masked::text);
    assertTrue(masked.json().get("masked").bool());
    assertEquals(200, client.post(path + "/views", "{}").status());
  }

  @Test
  void anOrbitComesInFilesOrWhole() throws Exception {
    String chair = client.chair();
    String order = "{\"views\": 3}";
    Answer sheet = client.post(chair + "/orbit/sheet", order);
    assertEquals("attachment; filename=\"sheet.png\"", sheet.header("Content-Disposition"));
    assertTrue(ImageIO.read(new ByteArrayInputStream(sheet.body())).getWidth() > 300);
    byte[] gif = client.post(chair + "/orbit/gif", order).body();
    assertEquals("GIF89a", new String(gif, 0, 6, StandardCharsets.US_ASCII));
    Answer cameras = client.post(chair + "/orbit/cameras", order);
    assertEquals(3, cameras.json().get("frames").items().size());
    List<String> names = new ArrayList<>();
    byte[] all = client.post(chair + "/orbit", order).body();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(all))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.add(entry.getName().replace("orbit/", ""));
      }
    }
    assertEquals(
        List.of("000.png", "001.png", "002.png", "orbit.gif", "sheet.png", "transforms.json"),
        names);
  }

  @Test
  void aSplatIsMadeInTheBackground() throws Exception {
    String chair = client.chair();
    assertEquals(404, client.get(chair + "/splat").status());
    Answer started = client.post(chair + "/splat", "{\"steps\": 0, \"gaussians\": 500}");
    assertEquals(202, started.status(), started::text);
    String state = "";
    for (int i = 0; i < 600 && !state.equals("done"); i++) {
      Thread.sleep(50);
      Answer now = client.get(chair + "/splat");
      state = now.json().get("state").string();
      assertNotEquals("failed", state, now::text);
    }
    Answer done = client.get(chair + "/splat");
    assertEquals(1, done.json().get("version").integer());
    assertEquals(1, done.json().get("progress").number());
    int gaussians = done.json().get("gaussians").integer();
    byte[] ply = client.get(chair + "/splat/splat.ply").body();
    assertEquals("ply\n", new String(ply, 0, 4, StandardCharsets.US_ASCII));
    assertEquals(32 * gaussians, client.get(chair + "/splat/splat.splat").body().length);
    byte[] glb = client.get(chair + "/splat/splat.glb").body();
    assertEquals("glTF", new String(glb, 0, 4, StandardCharsets.US_ASCII));
    assertEquals(404, client.get(chair + "/splat/splat.obj").status());
  }

  @Test
  void healthAndMetricsTellOfTheServer() throws Exception {
    Answer health = client.get("/health");
    assertEquals("ok", health.json().get("status").string());
    assertEquals("small64", health.json().get("model").string());
    client.post(client.chair() + "/views", "{}");
    String metrics = client.get("/metrics").text();
    for (String name :
        List.of(
            "cvs_pass_seconds_count",
            "cvs_pass_views_sum",
            "cvs_view_seconds_count",
            "cvs_queue_length",
            "cvs_photographs",
            "cvs_http_requests_total{",
            "jvm_memory_used_bytes")) {
      assertTrue(metrics.contains("\n" + name), name);
    }
    assertTrue(metrics.contains("route=\"/api/photographs/{id}/views\""), metrics);
  }

  @Test
  void thePageAsksNobodyElse() throws Exception {
    Answer page = client.get("/");
    assertEquals("text/html;charset=utf-8", page.header("Content-Type").replace(" ", ""));
    String policy = page.header("Content-Security-Policy");
    assertTrue(policy.startsWith("default-src 'self';"), policy);
    assertFalse(page.text().matches("(?s).*(src|href)=\"(https?:)?//.*"));
    assertEquals("nosniff", page.header("X-Content-Type-Options"));
    String tag = page.header("ETag");
    assertEquals(304, client.send("GET", "/", new byte[0], "If-None-Match", tag).status());
    for (String file : List.of("/main.js", "/page.css", "/three/build/three.module.min.js")) {
      assertEquals(200, client.get(file).status(), file);
    }
  }
}
