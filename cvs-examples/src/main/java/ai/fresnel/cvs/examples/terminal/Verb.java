package ai.fresnel.cvs.examples.terminal;

import ai.djl.Device;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Base class of all verbs: common options, output and errors. */
public abstract class Verb implements Callable<Integer> {

  private static final Pattern DEVICE = Pattern.compile("cpu|gpu(?::([0-9]{1,3}))?");

  /** The verb's picocli specification. */
  @Spec protected CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      order = 100,
      description = "Show this help.")
  boolean help;

  /** The seed of everything random. */
  @Option(
      names = "--seed",
      order = 90,
      paramLabel = "N",
      description = "Seed of everything random; the same seed gives the same result (default 0).")
  protected long seed;

  /** The value of {@code --device}, or null. */
  @Option(
      names = "--device",
      order = 91,
      paramLabel = "DEVICE",
      description =
          "cpu, gpu or gpu:I (default: the first GPU, or the CPU); "
              + "train and distill take several, such as gpu:0,gpu:1.")
  protected String device;

  @Option(
      names = "--heap",
      order = 92,
      paramLabel = "SIZE",
      description = "Memory for Java objects, such as 16g (read before Java starts).")
  String heap;

  /** Whether to print the stack trace of an error. */
  @Option(names = "--debug", order = 93, description = "Print the stack trace of an error.")
  protected boolean debug;

  /**
   * Runs the verb.
   *
   * @return the exit status, 0 or 1
   * @throws Exception if the verb fails; the command shows the message only
   */
  @Override
  public abstract Integer call() throws Exception;

  /**
   * Says whether to print the stack trace of an error.
   *
   * @return true after {@code --debug}
   */
  public final boolean showsTrace() {
    return debug;
  }

  /**
   * Returns the writer for results.
   *
   * @return usually standard output
   */
  protected PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /**
   * Returns the writer for progress.
   *
   * @return usually standard error
   */
  protected PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /**
   * Makes an error of the command line, exit status 2.
   *
   * @param message the given and the expected value, on one line
   * @return the exception to throw
   */
  protected CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }

  /**
   * Returns the chosen device.
   *
   * @return the device of {@code --device}, or the first GPU, or the CPU
   */
  protected Device device() {
    return device == null ? TorchRuntime.defaultDevice() : device(device);
  }

  private Device device(String name) {
    Matcher matcher = DEVICE.matcher(name);
    if (!matcher.matches()) {
      throw usage("--device is " + device + ", expected cpu, gpu or gpu:I");
    }
    if (name.equals("cpu")) {
      return Device.cpu();
    }
    // Not checked against the engine's count of GPUs, which is 0 with ROCm libraries.
    return Device.gpu(matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)));
  }

  /**
   * Returns the chosen devices.
   *
   * @return the devices of {@code --device}, separated by commas, or the first GPU, or the CPU
   */
  protected Device[] devices() {
    return device == null
        ? new Device[] {TorchRuntime.defaultDevice()}
        : Arrays.stream(device.split(",", -1)).map(this::device).toArray(Device[]::new);
  }

  /**
   * Refuses a value of the command line, exit status 2.
   *
   * @param holds whether the value is allowed
   * @param message the given and the expected value, on one line
   */
  protected void require(boolean holds, String message) {
    if (!holds) {
      throw usage(message);
    }
  }

  /**
   * Refuses a missing file, exit status 1.
   *
   * @param path a file or folder
   * @return the path
   * @throws NoSuchFileException if it does not exist
   */
  public static Path requireExists(Path path) throws NoSuchFileException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return path;
  }
}
