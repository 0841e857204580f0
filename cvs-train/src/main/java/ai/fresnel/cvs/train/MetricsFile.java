package ai.fresnel.cvs.train;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** {@code metrics.jsonl}: one JSON object a line, appended. */
final class MetricsFile {

  static final String NAME = "metrics.jsonl";

  private final Path file;

  MetricsFile(Path run) {
    file = run.resolve(NAME);
  }

  void append(String line) throws IOException {
    Files.writeString(
        file,
        line + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Drops what a killed run wrote after the state it resumes from, and a line cut short. */
  void truncateAfter(long images) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    List<String> kept = new ArrayList<>();
    // Whatever bytes a power cut left: a line that is no JSON is dropped like one cut short.
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    for (String line : text.lines().toList()) {
      if (imagesOf(line) <= images) {
        kept.add(line);
      }
    }
    Path temporary = file.resolveSibling(NAME + ".tmp");
    Files.write(temporary, kept, StandardCharsets.UTF_8);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static long imagesOf(String line) {
    try {
      JsonElement images = JsonParser.parseString(line).getAsJsonObject().get("images");
      return images.getAsLong();
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | NumberFormatException
        | UnsupportedOperationException e) {
      return Long.MAX_VALUE;
    }
  }
}
