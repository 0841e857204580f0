package ai.fresnel.cvs.train.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CO3D's annotations from elsewhere. */
class HostileAnnotationsTest {

  @TempDir static Path folder;

  private static Path file;
  private static String good;

  @BeforeAll
  static void write() throws IOException {
    new FakeCapture().write(CaptureKind.CO3D, folder);
    file = folder.resolve("chair/frame_annotations.jgz");
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      good = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void refused(String expected) {
    IOException e =
        assertTimeoutPreemptively(
            Duration.ofSeconds(5),
            () ->
                assertThrows(IOException.class, () -> CaptureKind.CO3D.list(folder).get(0).load()));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(e.getMessage().length() < 300, e.getMessage());
  }

  /** One frame is damaged; the nine others are converted. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"size\": [120, 160]; \"size\": [120, 1.5]; expected an integer",
        "\"size\": [120, 160]; \"size\": [120, 99999999999]; expected a 32-bit integer",
        "\"size\": [120, 160]; \"size\": [120, -4]; expected 1 to 65536 pixels",
        "\"size\": [120, 160]; \"size\": \"large\"; expected a list",
        "\"size\": [120, 160]; \"size\": [[[[]]]]; expected a list of 2",
        "\"R\": [[; \"R\": [[NaN, ; expected a list of 3",
        "\"T\": [; \"T\": [1e999, ; expected a list of 3",
        "\"focal_length\": [2; \"focal_length\": [NaN, 3], \"x\": [2; is \"NaN\", expected a number",
        "\"focal_length\": [2; \"focal_length\": [-1, 3], \"x\": [2; fx is -60.0 pixels",
        "\"focal_length\": [2; \"focal_length\": [1e300, 3], \"x\": [2; focal length",
        "\"ndc_isotropic\"; \"fisheye\"; expected ndc_isotropic or ndc_norm_image_bounds",
        "\"viewpoint\"; \"elsewhere\"; is incomplete: it has no viewpoint",
        "frame000.png\", \"size; frame000.png\\u0000\", \"size; is no file name",
        "chair/1_2/images; ../../../1_2/images; leads out of the folder",
      })
  void oneFrame(String part, String damaged, String expected) throws IOException {
    assertTrue(good.contains(part), part);
    int at = good.indexOf(part);
    FakeCapture.gzip(file, good.substring(0, at) + damaged + good.substring(at + part.length()));
    CapturedObject object = CaptureKind.CO3D.list(folder).get(0).load();
    assertEquals(FakeCapture.VIEWS - 1, object.views().size());
    assertEquals(1, object.leftOut().count());
    String line = object.leftOut().describe("frame");
    assertTrue(line.contains(expected), line);
    assertTrue(line.startsWith("1 frame left out, "), line);
  }

  @Test
  void framesWithoutASequenceAreCounted() throws IOException {
    FakeCapture.gzip(
        file, good.replaceFirst("\"sequence_name\"", "\"name\"").replace("}}]", "}}, 3]"));
    List<CaptureSource> sources = CaptureKind.CO3D.list(folder);
    assertEquals(2, sources.size());
    assertEquals(9, sources.get(0).load().views().size());
    IOException e = assertThrows(IOException.class, () -> sources.get(1).load());
    assertEquals(
        file + ": 2 frames left out, the first frame 0: sequence_name is missing", e.getMessage());
  }

  @Test
  void otherFiles() throws IOException {
    Files.writeString(file, good);
    refused("is no intact gzip file (Not in GZIP format)");
    Files.write(file, new byte[0]);
    refused("is cut off");
    FakeCapture.gzip(file, good.substring(0, good.length() - 3000));
    refused("");
    FakeCapture.gzip(file, "{\"a\": 1}");
    refused("");
    FakeCapture.gzip(file, "\ufeff" + good);
    assertEquals(10, CaptureKind.CO3D.list(folder).get(0).load().views().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "[{\"a\":", "[{\"sequence_name\": \"1\", \"image\": {\"a\":"})
  void nestedDeep(String text) throws IOException {
    FakeCapture.gzip(file, text + "[".repeat(100_000));
    refused("nested more than 64 deep");
  }

  /** What takes a few megabytes packed and gigabytes unpacked. */
  @ParameterizedTest
  @ValueSource(strings = {"\u0000", " ", "{},", "{\"sequence_name\":\"a\"},", "[],", "1,"})
  void unpacksToAGigabyte(String text) throws IOException {
    byte[] block = text.repeat((1 << 20) / text.length()).getBytes(StandardCharsets.UTF_8);
    for (String start : List.of("", "[")) {
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
        out.write(start.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 100; i++) {
          out.write(block);
        }
      }
      IOException e =
          assertTimeoutPreemptively(
              Duration.ofSeconds(5),
              () ->
                  assertThrows(
                      IOException.class, () -> CaptureKind.CO3D.list(folder).get(0).load()));
      assertTrue(e.getMessage().length() < 300, e.getMessage());
    }
  }
}
