package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a class's {@code main} in a Java process of its own, for what may end the process or must
 * happen before the engine starts.
 */
public final class ChildJava {

  private final Class<?> main;
  private final List<String> options = new ArrayList<>();
  private final ProcessBuilder builder = new ProcessBuilder();

  public ChildJava(Class<?> main) {
    this.main = main;
    builder.environment().put("OMP_NUM_THREADS", "1");
  }

  /** Adds options of Java's. */
  public ChildJava options(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  /** Sets variables of the environment. */
  public ChildJava environment(Map<String, String> variables) {
    builder.environment().putAll(variables);
    return this;
  }

  /** Runs to the end, expects exit status 0, and returns the lines printed, errors included. */
  public List<String> run(String... arguments) throws Exception {
    Path text = Files.createTempFile("child", ".txt");
    try {
      Process process = start(text, arguments);
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      process.destroyForcibly();
      assertTrue(ended, "hangs: " + Files.readString(text));
      assertEquals(0, process.exitValue(), Files.readString(text));
      return Files.readAllLines(text);
    } finally {
      Files.delete(text);
    }
  }

  /** Starts the process, which prints to a file. */
  public Process start(Path output, String... arguments) throws IOException {
    List<String> command =
        Stream.of(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"),
                options.stream(),
                Stream.of("-cp", System.getProperty("java.class.path"), main.getName()),
                Stream.of(arguments))
            .flatMap(part -> part)
            .toList();
    return builder
        .command(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}
