package ai.fresnel.cvs.train.monitor;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;

/**
 * TensorBoard's event file: TFRecords of {@code Event} messages (TensorFlow's {@code
 * core/util/event.proto} and {@code core/framework/summary.proto}, of which the few fields that a
 * curve and an image need are written here).
 *
 * <p>Each part of a run writes a file of its own, whose first record says from which step on it
 * replaces what earlier files hold: TensorBoard then drops what a killed part wrote after the state
 * that the run went on from. A record is one write, and a record that a kill cut short ends its
 * file for readers. Steps count samples.
 */
public final class EventFile {

  private static final String VERSION = "brain.Event:2";
  private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{1,18})\\..*");

  // Fields of Event, SessionLog, Summary, Summary.Value and Summary.Image.
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int STATUS = 1;
  private static final int STATUS_START = 1;
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int IMAGE = 4;
  private static final int HEIGHT = 1;
  private static final int WIDTH = 2;
  private static final int COLOR_SPACE = 3;
  private static final int ENCODED = 4;
  private static final int RGBA = 4;

  private final Path file;
  private final DoubleSupplier clock;

  private EventFile(Path file, DoubleSupplier clock) {
    this.file = file;
    this.clock = clock;
  }

  /**
   * Starts a new file in a folder, later by name than those there: readers go by the names.
   *
   * @param folder the folder, made if need be
   * @param step the first step it may hold; what other files there hold from this step on is
   *     dropped by readers
   * @return the file
   * @throws IOException if it cannot be written
   */
  public static EventFile create(Path folder, long step) throws IOException {
    return create(folder, step, () -> System.currentTimeMillis() / 1000.0);
  }

  /** As above with another clock, in seconds since 1970. */
  static EventFile create(Path folder, long step, DoubleSupplier clock) throws IOException {
    Files.createDirectories(folder);
    long number = (long) clock.getAsDouble();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path other : files.toList()) {
        Matcher name = NAME.matcher(other.getFileName().toString());
        if (name.matches()) {
          number = Math.max(number, Long.parseLong(name.group(1)) + 1);
        }
      }
    }
    String name = String.format(Locale.ROOT, "events.out.tfevents.%010d.cvs", number);
    EventFile events = new EventFile(folder.resolve(name), clock);
    events.append(events.event(0).text(FILE_VERSION, VERSION));
    events.restart(step);
    return events;
  }

  /**
   * Says that the run has gone back: readers drop all from a step on.
   *
   * @param step the first step that comes anew
   * @throws IOException if the file cannot be written
   */
  public void restart(long step) throws IOException {
    append(event(step).message(SESSION_LOG, new ProtobufMessage().number(STATUS, STATUS_START)));
  }

  /**
   * Adds a point to each of some curves.
   *
   * @param step samples seen
   * @param values the curves by name; a slash makes a group of curves
   * @throws IOException if the file cannot be written
   */
  public void scalars(long step, Map<String, Double> values) throws IOException {
    ProtobufMessage summary = new ProtobufMessage();
    values.forEach(
        (tag, value) ->
            summary.message(
                VALUE,
                new ProtobufMessage().text(TAG, tag).float32(SIMPLE_VALUE, value.floatValue())));
    append(event(step).message(SUMMARY, summary));
  }

  /**
   * Adds an image.
   *
   * @param step samples seen
   * @param tag the series it belongs to
   * @param png the content of a PNG file
   * @throws IOException if it is no PNG, or the file cannot be written
   */
  public void image(long step, String tag, byte[] png) throws IOException {
    var decoded = ImageIO.read(new ByteArrayInputStream(png));
    if (decoded == null) {
      throw new IOException("image \"" + tag + "\" cannot be decoded, expected a PNG");
    }
    image(step, tag, png, decoded.getWidth(), decoded.getHeight());
  }

  /** As above, of known size in pixels. */
  void image(long step, String tag, byte[] png, int width, int height) throws IOException {
    ProtobufMessage image =
        new ProtobufMessage()
            .number(HEIGHT, height)
            .number(WIDTH, width)
            .number(COLOR_SPACE, RGBA)
            .bytes(ENCODED, png);
    ProtobufMessage value = new ProtobufMessage().text(TAG, tag).message(IMAGE, image);
    append(event(step).message(SUMMARY, new ProtobufMessage().message(VALUE, value)));
  }

  /**
   * Where the records are.
   *
   * @return the file
   */
  public Path path() {
    return file;
  }

  private ProtobufMessage event(long step) {
    return new ProtobufMessage().float64(WALL_TIME, clock.getAsDouble()).number(STEP, step);
  }

  /** A TFRecord: length, its checksum, the bytes, their checksum. */
  private void append(ProtobufMessage event) throws IOException {
    byte[] data = event.toByteArray();
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    ByteArrayOutputStream record = new ByteArrayOutputStream(data.length + 16);
    record.writeBytes(length);
    record.writeBytes(maskedChecksum(length));
    record.writeBytes(data);
    record.writeBytes(maskedChecksum(data));
    Files.write(file, record.toByteArray(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** CRC32C, turned and moved so that the checksum of a record that holds checksums is not weak. */
  private static byte[] maskedChecksum(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(masked).array();
  }
}
