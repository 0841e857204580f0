package ai.fresnel.cvs.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Java process of its own that a test starts, talks to and may kill. */
public final class LockingProcess implements AutoCloseable {

  private final Process process;

  private LockingProcess(Process process) {
    this.process = process;
  }

  /** Holds a folder until its input ends. */
  public static void main(String[] args) throws IOException {
    try (FolderLock lock = FolderLock.of(Path.of(args[0]))) {
      System.out.println("holds");
      System.in.readAllBytes();
    }
  }

  /** Starts a process that holds a folder, and waits until it does. */
  public static LockingProcess holding(Path folder) throws IOException {
    LockingProcess child = start(LockingProcess.class, folder.toString());
    String line = child.line();
    if (!line.equals("holds")) {
      throw new IOException("a process that should hold " + folder + " says " + line);
    }
    return child;
  }

  /** Starts the main method of a class with this process's class path. */
  public static LockingProcess start(Class<?> main, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(args));
    return new LockingProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  public long pid() {
    return process.pid();
  }

  /** Reads a line of its output; "" at the end. */
  public String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = process.getInputStream().read();
        c >= 0 && c != '\n';
        c = process.getInputStream().read()) {
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** Reads the rest of its output and waits for its end. */
  public List<String> lines() throws IOException, InterruptedException {
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IOException("a process ends with " + process + ": " + text);
    }
    return text.lines().toList();
  }

  /** Ends it as kill -9 does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets it end, and waits for that. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
