package ai.fresnel.cvs.examples.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs the command in this process and keeps what it said. */
abstract class CommandTest {

  /** What the last run wrote to standard output. */
  String out;

  /** What it wrote to standard error. */
  String err;

  /** Returns the exit status. */
  int run(String... args) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    int status = Cvs.run(new PrintWriter(outText), new PrintWriter(errText), args);
    out = outText.toString();
    err = errText.toString();
    return status;
  }
}
