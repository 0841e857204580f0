package ai.fresnel.cvs.examples.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the command in a child process with the same Java, Java options and class path. */
final class ChildProcess {

  private ChildProcess() {}

  /**
   * Runs a verb to its end. Drops its output, but not its errors.
   *
   * @param command the class with the command's main method
   * @param args the verb and its options
   * @return the exit status
   */
  static int run(Class<?> command, List<String> args) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), command.getName()));
    line.addAll(args);
    Process process =
        new ProcessBuilder(line)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      return process.waitFor();
    } finally {
      process.destroy();
    }
  }
}
