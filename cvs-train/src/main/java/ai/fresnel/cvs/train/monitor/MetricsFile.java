package ai.fresnel.cvs.train.monitor;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Reads and writes {@code metrics.jsonl}, one JSON object on each line. */
public final class MetricsFile {

  /** The name of the file in the folder of a run. */
  public static final String NAME = "metrics.jsonl";

  /** The most bytes; a line of 300 bytes every ten seconds for a year takes less. */
  private static final long MAX_BYTES = 1L << 30;

  private final Path file;

  /**
   * Makes the file of a run; writes nothing yet.
   *
   * @param run the folder of the run
   */
  public MetricsFile(Path run) {
    file = run.resolve(NAME);
  }

  /**
   * Appends a line.
   *
   * @param line a JSON object without line breaks, with the samples seen as {@code samples}
   * @throws IOException if it cannot be written
   */
  public void append(String line) throws IOException {
    try {
      Files.writeString(
          file,
          line + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw AtomicFiles.named(e, file);
    }
  }

  /**
   * Drops the lines of a killed run after the state from which it resumes, and a line that was cut
   * off.
   *
   * @param samples samples seen at that state
   * @throws IOException if the file cannot be read or written
   */
  public void truncateAfter(long samples) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    List<String> kept = new ArrayList<>();
    for (String line : lines()) {
      JsonObject entry = parse(line);
      if (entry != null && samplesOf(entry) <= samples) {
        kept.add(line);
      }
    }
    AtomicFiles.deleteLeftovers(file);
    AtomicFiles.write(file, kept.stream().map(line -> line + "\n").collect(Collectors.joining()));
  }

  /**
   * Reads the file. Skips lines that are no metrics.
   *
   * @return its entries, each with a whole number {@code samples}
   * @throws IOException if the file cannot be read or is too large
   */
  public List<JsonObject> read() throws IOException {
    List<JsonObject> entries = new ArrayList<>();
    for (String line : lines()) {
      JsonObject entry = parse(line);
      if (entry != null && samplesOf(entry) < Long.MAX_VALUE) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private List<String> lines() throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file + " is larger than metrics can be (1 GiB)");
    }
    // A power cut may leave any bytes: drop lines that are no JSON.
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }

  private static JsonObject parse(String line) {
    try {
      return renamed(JsonParser.parseString(line).getAsJsonObject());
    } catch (JsonParseException | IllegalStateException e) {
      return null;
    }
  }

  /** Renames what files called images before they called it samples. */
  private static JsonObject renamed(JsonObject entry) {
    for (String name : List.of("images", "images_per_second")) {
      if (entry.has(name)) {
        entry.add(name.replace("images", "samples"), entry.remove(name));
      }
    }
    return entry;
  }

  private static long samplesOf(JsonObject entry) {
    try {
      return entry.get("samples").getAsLong();
    } catch (IllegalStateException
        | NullPointerException
        | NumberFormatException
        | UnsupportedOperationException e) {
      return Long.MAX_VALUE;
    }
  }
}
