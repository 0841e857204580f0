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

/** What all verbs have: the common options, their output and their errors. */
public abstract class Verb implements Callable<Integer> {

  private static final Pattern DEVICE = Pattern.compile("cpu|gpu(?::([0-9]{1,3}))?");

  /** The verb as picocli knows it. */
  @Spec protected CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      order = 100,
      description = "Show this help.")
  boolean help;

  /** Decides everything random. */
  @Option(
      names = "--seed",
      order = 90,
      paramLabel = "N",
      description = "Decides everything random; the same seed gives the same result (default 0).")
  protected long seed;

  /** What was given as the device, or null. */
  @Option(
      names = "--device",
      order = 91,
      paramLabel = "DEVICE",
      description = {
        "cpu, gpu or gpu:I (default: the first GPU, or the CPU);",
        "train and distill share the work among several, as gpu:0,gpu:1."
      })
  protected String device;

  @Option(
      names = "--heap",
      order = 92,
      paramLabel = "SIZE",
      description = "Memory for Java objects, as 16g (read before Java starts).")
  String heap;

  /** Whether an error is followed by its stack trace. */
  @Option(names = "--debug", order = 93, description = "Show where in the program an error arose.")
  protected boolean debug;

  /**
   * Does the work.
   *
   * @return the exit status, 0 or 1
   * @throws Exception what went wrong; its message is all that is shown
   */
  @Override
  public abstract Integer call() throws Exception;

  /**
   * Says whether an error is to be followed by its stack trace.
   *
   * @return true after {@code --debug}
   */
  public final boolean showsTrace() {
    return debug;
  }

  /**
   * Returns where results go.
   *
   * @return standard output as a rule
   */
  protected PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /**
   * Returns where progress goes.
   *
   * @return standard error as a rule
   */
  protected PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /**
   * Makes an error of the command line, exit status 2.
   *
   * @param message what was given and what was expected, in one line
   * @return to be thrown
   */
  protected CommandLine.ParameterException usage(String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }

  /**
   * Returns the device asked for.
   *
   * @return that of {@code --device}, or the first GPU, or the CPU
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
   * Returns the devices asked for.
   *
   * @return those of {@code --device}, separated by commas, or the first GPU, or the CPU
   */
  protected Device[] devices() {
    return device == null
        ? new Device[] {TorchRuntime.defaultDevice()}
        : Arrays.stream(device.split(",", -1)).map(this::device).toArray(Device[]::new);
  }

  /**
   * Refuses a number out of its range, exit status 2.
   *
   * @param holds whether it is within
   * @param message what was given and what was expected, in one line
   */
  protected void require(boolean holds, String message) {
    if (!holds) {
      throw usage(message);
    }
  }

  /**
   * Refuses a file that is not there, exit status 1.
   *
   * @param path a file or folder
   * @return the same
   * @throws NoSuchFileException if there is none
   */
  public static Path requireExists(Path path) throws NoSuchFileException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    return path;
  }
}
