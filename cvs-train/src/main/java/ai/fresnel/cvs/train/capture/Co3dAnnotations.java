package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.train.file.ForeignJson;
import ai.fresnel.cvs.train.file.LeftOut;
import ai.fresnel.cvs.train.file.TextFile;
import com.google.gson.JsonElement;
import com.google.gson.stream.JsonReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The frames of a category of CO3D by sequence, read from its {@code frame_annotations.jgz} frame
 * by frame. A small file may unpack to any length, so text and memory are counted.
 */
final class Co3dAnnotations {

  /** The largest number of frames; all of CO3D has fewer. */
  private static final int MAX_FRAMES = 5_000_000;

  /** Annotations are mostly digits, which shrink to a fifth. */
  private static final int MAX_RATIO = 64;

  private static final long MIN_TEXT = 4 << 20;

  /** With more frames that cannot be used the file is something else. */
  private static final int MAX_REFUSED = 50_000;

  /** What a frame takes beside its names, in bytes, rounded up. */
  private static final int FRAME_BYTES = 600;

  private final Map<String, Sequence> sequences = new TreeMap<>();
  private final long maxBytes = Runtime.getRuntime().maxMemory() / 4;
  private LeftOut nameless = LeftOut.NONE;
  private int refused;
  private long bytes;

  private Co3dAnnotations() {}

  /** The frames of a sequence, and those that cannot be used. */
  static final class Sequence {
    final List<Co3dFrame> frames = new ArrayList<>();
    LeftOut leftOut = LeftOut.NONE;
  }

  /**
   * Reads a file.
   *
   * @throws IOException in one line naming the file, if it is damaged or needs too much memory
   */
  static Co3dAnnotations read(Path file) throws IOException {
    Co3dAnnotations annotations = new Co3dAnnotations();
    long longest = MIN_TEXT + MAX_RATIO * Files.size(file);
    try (BoundedReader text = new BoundedReader(TextFile.openGzip(file), longest);
        JsonReader json = new JsonReader(text)) {
      annotations.read(file, text, json);
      return annotations;
    } catch (IOException | IllegalStateException | IllegalArgumentException e) {
      throw TextFile.problem(file, e);
    }
  }

  /** Returns the sequences by name. */
  Map<String, Sequence> sequences() {
    return sequences;
  }

  /** Returns the frames that name no sequence. */
  LeftOut nameless() {
    return nameless;
  }

  private void read(Path file, BoundedReader text, JsonReader json) throws IOException {
    json.beginArray();
    for (int index = 0; json.hasNext(); index++) {
      text.startFrame();
      JsonElement frame = ForeignJson.next(json, file);
      if (index == MAX_FRAMES) {
        throw new IOException("more than " + MAX_FRAMES + " frames");
      }
      add(JsonValue.of(frame, "frame " + index));
    }
    json.endArray();
  }

  private void add(JsonValue json) throws IOException {
    String sequence;
    try {
      sequence = Co3dFrame.name(json.get("sequence_name"));
    } catch (IllegalArgumentException e) {
      nameless = nameless.and(json.where(), e.getMessage());
      countRefused(nameless);
      return;
    }
    if (!sequences.containsKey(sequence)) {
      count(FRAME_BYTES + 2L * sequence.length());
      sequences.put(sequence, new Sequence());
    }
    Sequence all = sequences.get(sequence);
    try {
      Co3dFrame frame = Co3dFrame.of(json);
      count(FRAME_BYTES + 2L * (frame.image().length() + frame.mask().length()));
      all.frames.add(frame);
    } catch (IllegalArgumentException e) {
      all.leftOut = all.leftOut.and(name(json, sequence), e.getMessage());
      countRefused(all.leftOut);
    }
  }

  private static String name(JsonValue json, String sequence) {
    try {
      Optional<JsonValue> image = Co3dFrame.part(json, "image");
      return image.map(part -> Co3dFrame.name(part.get("path"))).orElse("a frame of " + sequence);
    } catch (IllegalArgumentException e) {
      return "a frame of " + sequence;
    }
  }

  private void countRefused(LeftOut some) throws IOException {
    if (++refused > MAX_REFUSED) {
      throw new IOException(
          "more than "
              + MAX_REFUSED
              + " frames cannot be used, "
              + some.first()
              + ": "
              + some.reason());
    }
  }

  private void count(long more) throws IOException {
    bytes += more;
    if (bytes > maxBytes) {
      throw new IOException(
          "its frames need more than " + (maxBytes >> 20) + " MB, a quarter of Java's memory");
    }
  }

  /** Limits the text of each frame and of all. */
  private static final class BoundedReader extends FilterReader {

    private static final long FRAME = 1 << 20;

    private final long longest;
    private long all;
    private long left = FRAME;

    BoundedReader(Reader in, long longest) {
      super(in);
      this.longest = longest;
    }

    void startFrame() {
      left = FRAME;
    }

    @Override
    public int read() throws IOException {
      throw new UnsupportedOperationException("one character at a time");
    }

    @Override
    public int read(char[] into, int offset, int length) throws IOException {
      int count = super.read(into, offset, length);
      left -= count;
      all += count;
      if (left < 0) {
        throw new IOException("a frame of more than " + FRAME + " characters");
      } else if (all > longest) {
        throw new IOException("unpacks to more than " + longest + " characters");
      }
      return count;
    }
  }
}
