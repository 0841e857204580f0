package ai.fresnel.cvs.train.monitor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {

  private static final double TIME = 1_700_000_000.25;

  @TempDir Path folder;

  /**
   * The file that TensorBoard 2.21.0 writes for the same events, made by:
   *
   * <pre>{@code
   * from tensorboard.compat.proto.event_pb2 import Event, SessionLog
   * from tensorboard.compat.proto.summary_pb2 import Summary
   * from tensorboard.summary.writer.record_writer import RecordWriter
   * out = open("tensorboard-2.21.0.tfevents", "wb")
   * def write(**fields):
   *   event = Event(wall_time=1700000000.25, **fields)
   *   RecordWriter(out).write(event.SerializeToString(deterministic=True))
   * write(file_version="brain.Event:2")
   * write(step=3000000001, session_log=SessionLog(status=SessionLog.START))
   * s = Summary()
   * s.value.add(tag="loss", simple_value=0.125)
   * s.value.add(tag="loss_by_sigma/0.03-0.1", simple_value=-3.5e-7)
   * s.value.add(tag="l\u00fcx", simple_value=1e30)
   * write(step=3000000032, summary=s)
   * s = Summary()
   * image = s.value.add(tag="preview").image
   * image.height, image.width, image.colorspace = 300, 2, 4
   * image.encoded_image_string = bytes(range(200))
   * write(step=0, summary=s)
   * }</pre>
   */
  @Test
  void theBytesAreTensorBoards() throws IOException {
    EventFile events = EventFile.create(folder, 3_000_000_001L, () -> TIME);
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", 0.125);
    values.put("loss_by_sigma/0.03-0.1", -3.5e-7);
    values.put("l\u00fcx", 1e30);
    events.scalars(3_000_000_032L, values);
    byte[] png = new byte[200];
    for (int i = 0; i < png.length; i++) {
      png[i] = (byte) i;
    }
    events.image(0, "preview", png, 2, 300);
    try (InputStream expected =
        EventFileTest.class.getResourceAsStream("tensorboard-2.21.0.tfevents")) {
      assertArrayEquals(expected.readAllBytes(), Files.readAllBytes(events.path()));
    }
  }

  /** Readers go by the names: a later part's file comes last, even where the clock went back. */
  @Test
  void laterFilesHaveLaterNames() throws IOException {
    EventFile.create(folder, 1, () -> 1_700_000_000.9);
    EventFile.create(folder, 1, () -> 1_700_000_000.9);
    EventFile.create(folder, 1, () -> 1_600_000_000);
    EventFile.create(folder, 1, () -> 1_700_000_009);
    Files.createFile(folder.resolve("something else"));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          Set.of(
              "events.out.tfevents.1700000000.cvs",
              "events.out.tfevents.1700000001.cvs",
              "events.out.tfevents.1700000002.cvs",
              "events.out.tfevents.1700000009.cvs",
              "something else"),
          Set.copyOf(files.map(file -> file.getFileName().toString()).toList()));
    }
  }

  @Test
  void aLaterFileReplacesWhatComesAnew() throws IOException {
    EventFile first = EventFile.create(folder, 1);
    for (long step : List.of(10L, 20L, 30L)) {
      first.scalars(step, Map.of("loss", 1.0 * step));
    }
    EventFile second = EventFile.create(folder, 21);
    second.scalars(25, Map.of("loss", 7.0));
    second.restart(23);
    second.scalars(28, Map.of("loss", 8.0));
    assertEquals(Map.of(10L, 10f, 20L, 20f, 28L, 8f), EventReader.read(folder).scalars.get("loss"));
  }

  @Test
  void aImageMustBeOne() throws IOException {
    EventFile events = EventFile.create(folder, 1);
    String message =
        assertThrows(IOException.class, () -> events.image(1, "p", new byte[5])).getMessage();
    assertEquals("image \"p\" cannot be decoded, expected a PNG", message);
  }
}
