package ai.fresnel.cvs.serving;

import ai.djl.modality.Output;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.train.image.PngBytes;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Answers to HTTP requests. */
final class Answers {

  private static final String CONTENT_TYPE = "Content-Type";

  /** The first day that a ZIP file can say: its bytes must not depend on the time. */
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Answers() {}

  /** One view as PNG, several as ZIP. */
  static Output views(ViewResult result) throws IOException {
    List<ViewResult.View> views = result.views();
    Output output = new Output(200, "OK");
    if (views.size() == 1) {
      output.addProperty(CONTENT_TYPE, "image/png");
      output.add(PngBytes.of(result.image()));
    } else {
      output.addProperty(CONTENT_TYPE, "application/zip");
      output.add(zip(views));
    }
    return output;
  }

  private static byte[] zip(List<ViewResult.View> views) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      // PNG is compressed already.
      zip.setLevel(Deflater.NO_COMPRESSION);
      for (int i = 0; i < views.size(); i++) {
        ZipEntry entry = new ZipEntry(String.format(Locale.ROOT, "%03d.png", i));
        entry.setTimeLocal(EPOCH);
        zip.putNextEntry(entry);
        zip.write(PngBytes.of(views.get(i).image()));
      }
    }
    return bytes.toByteArray();
  }

  /** The form of DJL Serving's own errors. The status line takes ASCII alone. */
  static Output refusal(String reason) {
    JsonObject json = new JsonObject();
    json.addProperty("code", 400);
    json.addProperty("type", "BadRequest");
    json.addProperty("message", reason);
    Output output = new Output(400, "Bad Request");
    output.addProperty(CONTENT_TYPE, "application/json");
    output.add(json.toString());
    return output;
  }
}
