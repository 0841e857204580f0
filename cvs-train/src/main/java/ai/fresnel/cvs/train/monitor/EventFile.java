package ai.fresnel.cvs.train.monitor;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
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
 * Writes event files for TensorBoard: TFRecords of {@code Event} messages (TensorFlow's {@code
 * core/util/event.proto} and {@code core/framework/summary.proto}, of which it writes the few
 * fields for curves and images).
 *
 * <p>Each part of a run writes its own file. The first record says from which step on it replaces
 * earlier files, so that TensorBoard drops the records of a killed part after the state from which
 * the run resumed. Each record is one write; readers stop at a record that was cut off. Steps count
 * samples.
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
   * Starts a new file in a folder. Its name sorts after existing ones, as readers expect.
   *
   * @param folder the folder; made if missing
   * @param step the first step of the file; readers drop the records of other files from it on
   * @return the file
   * @throws IOException if it cannot be written
   */
  public static EventFile create(Path folder, long step) throws IOException {
    return create(folder, step, () -> System.currentTimeMillis() / 1000.0);
  }

  /** Starts a new file with another clock, in seconds since 1970. */
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
   * Records that the run went back: readers drop all records from a step on.
   *
   * @param step the first step to replace
   * @throws IOException if the file cannot be written
   */
  public void restart(long step) throws IOException {
    append(event(step).message(SESSION_LOG, new ProtobufMessage().number(STATUS, STATUS_START)));
  }

  /**
   * Adds a point to each curve.
   *
   * @param step samples seen
   * @param values the values by curve; a slash in a name makes a group
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

  /** Adds an image of known size in pixels. */
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
   * Returns the file.
   *
   * @return its path
   */
  public Path path() {
    return file;
  }

  private ProtobufMessage event(long step) {
    return new ProtobufMessage().float64(WALL_TIME, clock.getAsDouble()).number(STEP, step);
  }

  /** Appends a TFRecord: length, its checksum, the bytes, their checksum. */
  private void append(ProtobufMessage event) throws IOException {
    byte[] data = event.toByteArray();
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    ByteArrayOutputStream record = new ByteArrayOutputStream(data.length + 16);
    record.writeBytes(length);
    record.writeBytes(maskedChecksum(length));
    record.writeBytes(data);
    record.writeBytes(maskedChecksum(data));
    try {
      Files.write(file, record.toByteArray(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw AtomicFiles.named(e, file);
    }
  }

  /** Returns the masked CRC32C, rotated and shifted so that records may hold checksums. */
  private static byte[] maskedChecksum(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(masked).array();
  }
}
