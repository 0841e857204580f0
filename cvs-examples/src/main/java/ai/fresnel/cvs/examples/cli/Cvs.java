package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.bench.BenchVerb;
import ai.fresnel.cvs.examples.terminal.Terminal;
import ai.fresnel.cvs.examples.terminal.Verb;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command-line tool. The exit status is 0 for success, 1 for failure and 2 for bad usage.
 * Results go to standard output, progress and errors to standard error. An error is one line;
 * {@code --debug} adds its stack trace.
 */
@Command(
    name = "cvs",
    description = "Draw new views of an object from one photograph, and train the models for it.",
    synopsisSubcommandLabel = "VERB",
    subcommands = {
      // In the order of use.
      DemoVerb.class,
      ViewVerb.class,
      OrbitVerb.class,
      RenderVerb.class,
      CaptureVerb.class,
      InspectVerb.class,
      TrainVerb.class,
      DistillVerb.class,
      CurvesVerb.class,
      EvaluateVerb.class,
      ExportVerb.class,
      BenchVerb.class,
      DoctorVerb.class,
      RocmPackVerb.class,
      CommandLine.HelpCommand.class,
    })
public final class Cvs implements Runnable {

  private static final int FAILED = 1;
  private static final int BAD_USAGE = 2;

  @CommandLine.Spec CommandLine.Model.CommandSpec spec;

  @CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  private Cvs() {}

  /**
   * Runs the command and ends the process with its exit status.
   *
   * @param args the verb and its options
   */
  public static void main(String[] args) {
    Charset charset = Charset.defaultCharset();
    PrintWriter out = new PrintWriter(System.out, true, charset);
    PrintWriter err = new PrintWriter(System.err, true, charset);
    System.exit(run(out, err, args));
  }

  /**
   * Runs the command.
   *
   * @param out receives results and help
   * @param err receives progress and errors
   * @param args the verb and its options
   * @return the exit status
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    return new CommandLine(new Cvs())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Cvs::badUsage)
        .setExecutionExceptionHandler(Cvs::failed)
        .execute(args);
  }

  /** Refuses a command line without a verb. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no verb given");
  }

  private static int badUsage(CommandLine.ParameterException error, String[] args) {
    CommandLine command = error.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println(name + ": " + oneLine(error.getMessage()));
    CommandLine.UnmatchedArgumentException.printSuggestions(error, command.getErr());
    command.getErr().println("Try: " + name + " --help");
    return BAD_USAGE;
  }

  private static int failed(Exception error, CommandLine command, CommandLine.ParseResult parsed) {
    command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + message(error));
    if (command.getCommand() instanceof Verb verb && verb.showsTrace()) {
      error.printStackTrace(command.getErr());
    }
    return FAILED;
  }

  /**
   * Describes an error in one printable line. Where Java leaves the reason to the type of the
   * exception, this adds it in words.
   */
  static String message(Throwable error) {
    String message = error.getMessage();
    if (error instanceof FileSystemException file && file.getReason() == null) {
      message = file.getFile() + ": " + reason(file);
    } else if (message == null || error instanceof Error) {
      message = error.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
    return oneLine(message);
  }

  private static String reason(FileSystemException error) {
    if (error instanceof NoSuchFileException) {
      return "no such file or folder";
    } else if (error instanceof AccessDeniedException) {
      return "permission denied";
    } else if (error instanceof FileAlreadyExistsException) {
      return "is in the way, expected a folder or nothing";
    } else if (error instanceof NotDirectoryException) {
      return "expected a folder";
    }
    return error.getClass().getSimpleName();
  }

  private static String oneLine(String text) {
    return Terminal.printable(text.strip().replaceAll("\\s*\\R\\s*", " "));
  }
}
