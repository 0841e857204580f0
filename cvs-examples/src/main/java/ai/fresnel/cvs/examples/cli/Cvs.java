package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.bench.BenchVerb;
import ai.fresnel.cvs.examples.serve.ServeVerb;
import ai.fresnel.cvs.examples.terminal.Terminal;
import ai.fresnel.cvs.examples.terminal.Verb;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
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
      ImportVerb.class,
      SplatVerb.class,
      ServeVerb.class,
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
    reportUncaught(err, Arrays.asList(args).contains("--debug"));
    System.exit(run(out, err, args));
  }

  /**
   * Reports what threads throw that nobody waits for. An {@code Error} ends the process: others
   * might wait for the thread for ever.
   */
  static void reportUncaught(PrintWriter err, boolean trace) {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, error) -> {
          report(err, "cvs", error, trace);
          if (error instanceof Error) {
            Runtime.getRuntime().halt(FAILED);
          }
        });
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
    return run(new CommandLine(new Cvs()), out, err, args);
  }

  static int run(CommandLine command, PrintWriter out, PrintWriter err, String... args) {
    return command
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Cvs::badUsage)
        .setExecutionStrategy(Cvs::execute)
        .setExecutionExceptionHandler(Cvs::failed)
        .execute(args);
  }

  /** Runs a verb. Its errors are exceptions afterwards: picocli lets every {@code Error} pass. */
  private static int execute(CommandLine.ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (Error e) {
      List<CommandLine> verbs = parsed.asCommandLineList();
      throw new CommandLine.ExecutionException(verbs.get(verbs.size() - 1), "failed", e);
    }
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
    boolean trace = command.getCommand() instanceof Verb verb && verb.showsTrace();
    report(command.getErr(), command.getCommandSpec().qualifiedName(), error, trace);
    return FAILED;
  }

  private static void report(PrintWriter err, String name, Throwable error, boolean trace) {
    err.println(name + ": " + message(error));
    if (trace) {
      error.printStackTrace(err);
    }
    err.flush();
  }

  /**
   * Describes an error in one printable line. Where Java leaves the reason to the type of the
   * exception, this adds it in words.
   */
  static String message(Throwable thrown) {
    Throwable error = cause(thrown);
    String message = error.getMessage();
    if (error instanceof OutOfMemoryError) {
      message = outOfMemory(message);
    } else if (error instanceof FileSystemException file && file.getReason() == null) {
      message = file.getFile() + ": " + reason(file);
    } else if (message == null || error instanceof Error) {
      message = error.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
    return oneLine(message);
  }

  /** Finds what happened behind wrappers of other threads, and an {@code Error} behind anything. */
  private static Throwable cause(Throwable thrown) {
    Throwable error = thrown;
    for (Throwable next = thrown; next != null; next = next.getCause()) {
      if (next instanceof VirtualMachineError) {
        return next;
      }
      if (next == error && isWrapper(next) && next.getCause() != null) {
        error = next.getCause();
      }
    }
    return error;
  }

  private static boolean isWrapper(Throwable error) {
    return error instanceof ExecutionException
        || error instanceof CompletionException
        || error instanceof CommandLine.ExecutionException;
  }

  private static String outOfMemory(String message) {
    String what = "not enough memory" + (message == null ? "" : " (" + message + ")");
    if (message != null && !message.contains("heap") && !message.contains("GC overhead")) {
      return what; // native threads, direct buffers: more heap would make it worse
    }
    long gigabytes = (Runtime.getRuntime().maxMemory() + (1L << 30) - 1) >> 30;
    return what
        + ": Java has at most "
        + gigabytes
        + " GB, try --heap "
        + Math.max(4, 2 * gigabytes)
        + "g";
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
