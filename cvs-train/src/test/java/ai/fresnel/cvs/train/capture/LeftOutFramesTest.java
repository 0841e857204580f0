package ai.fresnel.cvs.train.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A frame that cannot be used is left out, counted and named; the others are converted. */
class LeftOutFramesTest {

  private static final int SIZE = 16;

  @TempDir Path folder;

  private CaptureConverter.Converted convert(CaptureKind kind) throws IOException {
    List<CaptureSource> sources = kind.list(folder);
    assertEquals(1, sources.size());
    return CaptureConverter.convert(sources.get(0).load(), "here", SIZE, 32);
  }

  /** The images, then the masks of a fake capture; of nerfstudio's there are only images. */
  private Path file(CaptureKind kind, boolean mask, int i) {
    String of = mask ? "masks" : "images";
    return switch (kind) {
      case NERFSTUDIO -> folder.resolve(of + "/00" + i + ".png");
      case COLMAP -> folder.resolve(of + "/00" + i + (mask ? ".png.png" : ".png"));
      case MVIMGNET -> folder.resolve("7/0a1b/" + of + "/00" + i + (mask ? ".png.png" : ".png"));
      case CO3D -> folder.resolve("chair/1_2/" + of + "/frame00" + i + ".png");
    };
  }

  @ParameterizedTest
  @EnumSource(CaptureKind.class)
  void missingAndBrokenImagesAndMasks(CaptureKind kind) throws IOException {
    new FakeCapture().write(kind, folder);
    Files.delete(file(kind, false, 2));
    Files.write(file(kind, false, 4), new byte[] {1, 2, 3});
    int expected = 2;
    if (kind != CaptureKind.NERFSTUDIO) {
      Files.delete(file(kind, true, 6));
      Files.write(file(kind, true, 7), new byte[100]);
      expected = 4;
    }
    CaptureConverter.Converted converted = convert(kind);
    assertTrue(converted.masked());
    assertEquals(FakeCapture.VIEWS - expected, converted.views().size());
    String line = converted.leftOut().describe("frame");
    assertTrue(line.startsWith(expected + " frames left out, the first "), line);
    assertTrue(line.endsWith("002.png: is missing"), line);
  }

  /** Instant-NGP's fox lists 67 images and ships 50. */
  @Test
  void foxListsMoreImagesThanThereAre() throws IOException {
    new FakeCapture().write(CaptureKind.NERFSTUDIO, folder);
    Path file = folder.resolve("transforms.json");
    JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    JsonArray frames = json.getAsJsonArray("frames");
    JsonArray fox = new JsonArray();
    for (int i = 1; i <= 67; i++) {
      JsonObject frame = frames.get(i % 10).getAsJsonObject().deepCopy();
      String name = String.format(Locale.ROOT, "images/%04d.jpg", i);
      frame.addProperty("file_path", name);
      frame.addProperty("sharpness", 30.7);
      fox.add(frame);
      if (i % 4 != 0) {
        Files.copy(folder.resolve("images/00" + i % 10 + ".png"), folder.resolve(name));
      }
    }
    // 51 so far: every fourth of 67 is missing.
    Files.delete(folder.resolve("images/0067.jpg"));
    json.add("frames", fox);
    json.addProperty("aabb_scale", 4);
    json.addProperty("w", 160.0);
    Files.writeString(file, json.toString());
    CaptureConverter.Converted converted = convert(CaptureKind.NERFSTUDIO);
    assertEquals(32, converted.views().size());
    assertEquals(
        "17 frames left out, the first images/0004.jpg: is missing",
        converted.leftOut().describe("frame"));
  }
}
