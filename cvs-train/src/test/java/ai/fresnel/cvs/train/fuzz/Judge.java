package ai.fresnel.cvs.train.fuzz;

import ai.fresnel.cvs.json.JsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads a damaged file and says whether something is wrong with the reader. Reading may succeed, or
 * it may be refused: by an {@link IOException} or a {@link JsonException} with one line that names
 * the file. Anything else is a fault.
 */
final class Judge implements AutoCloseable {

  /** Begins the kind of a refusal whose message speaks of classes. */
  static final String CLASS_NAMES = "words of the class library";

  private static final long SECONDS = 5;

  /** Longer on the wall clock: other programs may want the processors too. */
  private static final long PATIENCE = 60;

  private static final int LONGEST_MESSAGE = 2000;

  /** What a reader of the message does not need: names of classes, and advice to programmers. */
  private static final Pattern INTERNAL =
      Pattern.compile(
          "\\b(java|javax|com|de|ai|org)\\.[a-z]+\\.|[A-Z]\\w+Exception\\b|Cannot invoke|"
              + "Input length =|out of bounds for|Use JsonReader|cannot be cast");

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private ExecutorService reader = start();

  /**
   * What is wrong.
   *
   * @param kind of the fault, with the place in the library: faults with the same kind are one
   * @param detail the message
   */
  record Fault(String kind, String detail) {}

  private static ExecutorService start() {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, "reader");
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Reads.
   *
   * @param root the folder with the damaged file; its parent must hold nothing else afterwards
   * @param reading reads it
   * @param named names of which a refusal must say at least one
   * @return the fault, if any
   */
  Optional<Fault> judge(Path root, Parser.Reading reading, List<String> named)
      throws InterruptedException {
    Future<Optional<Fault>> task =
        reader.submit(
            () -> {
              long start = THREADS.getCurrentThreadCpuTime();
              Optional<Fault> fault = read(root, reading, named);
              long nanos = THREADS.getCurrentThreadCpuTime() - start;
              if (fault.isEmpty() && nanos > TimeUnit.SECONDS.toNanos(SECONDS)) {
                return Optional.of(new Fault("too slow", nanos / 1_000_000 + " ms"));
              }
              return fault;
            });
    try {
      return task.get(PATIENCE, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return Optional.of(fault(e.getCause(), ""));
    } catch (TimeoutException e) {
      StackTraceElement[] stack =
          Thread.getAllStackTraces().entrySet().stream()
              .filter(entry -> entry.getKey().getName().equals("reader"))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(new StackTraceElement[0]);
      reader.shutdownNow();
      reader = start();
      return Optional.of(new Fault("no end at " + place(stack), "more than " + PATIENCE + " s"));
    }
  }

  private static Optional<Fault> read(Path root, Parser.Reading reading, List<String> named) {
    try {
      reading.read(root);
      return Optional.empty();
    } catch (IOException | UncheckedIOException | JsonException e) {
      return refusal(e, named);
    } catch (Throwable e) {
      return Optional.of(fault(e, ""));
    }
  }

  private static Optional<Fault> refusal(Exception e, List<String> named) {
    String message = String.valueOf(e.getMessage());
    String wrong = null;
    if (e instanceof UncheckedIOException) {
      wrong = "an unchecked exception";
    } else if (named.stream().noneMatch(message::contains)) {
      wrong = "no file is named";
    } else if (message.chars().anyMatch(Character::isISOControl)) {
      wrong = "a control character in the message";
    } else if (message.length() > LONGEST_MESSAGE) {
      wrong = "a message of " + message.length() + " characters";
    } else if (INTERNAL.matcher(message).find()) {
      wrong = CLASS_NAMES;
    }
    return wrong == null
        ? Optional.empty()
        : Optional.of(fault(e, wrong.replaceAll("[0-9]+", "many") + ", "));
  }

  private static Fault fault(Throwable e, String wrong) {
    String message = String.valueOf(e.getMessage());
    String part = message.length() > 300 ? message.substring(0, 300) + "…" : message;
    Throwable deepest = e;
    while (deepest.getCause() != null && deepest.getCause() != deepest) {
      deepest = deepest.getCause();
    }
    String cause = deepest == e ? "" : " of " + deepest.getClass().getSimpleName();
    return new Fault(
        wrong + e.getClass().getSimpleName() + cause + " at " + place(e.getStackTrace()),
        part.replaceAll("[\\x00-\\x1f\\x7f-\\x9f]", "?"));
  }

  /** Returns the first line of the library in a stack trace, without its number. */
  private static String place(StackTraceElement[] stack) {
    return Stream.of(stack)
        .filter(frame -> frame.getClassName().startsWith("ai.fresnel.cvs"))
        .filter(frame -> !frame.getClassName().contains(".fuzz."))
        .filter(frame -> !frame.getClassName().endsWith(".DamagedFile"))
        .findFirst()
        .map(
            frame ->
                frame.getClassName().replaceFirst("^.*\\.", "")
                    + "."
                    + frame.getMethodName()
                    + ":"
                    + frame.getLineNumber())
        .orElse("?");
  }

  /** Returns the names of everything in a folder, sorted. */
  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(file -> folder.relativize(file).toString()).sorted().toList();
    }
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}
