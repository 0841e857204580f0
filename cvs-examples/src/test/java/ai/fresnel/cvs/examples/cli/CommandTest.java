package ai.fresnel.cvs.examples.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs the command in this process and keeps what it said. */
public abstract class CommandTest {

  /** What the last run wrote to standard output. */
  protected String out;

  /** What it wrote to standard error. */
  protected String err;

  /** Returns the exit status. */
  protected int run(String... args) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    int status = Cvs.run(new PrintWriter(outText), new PrintWriter(errText), args);
    out = outText.toString();
    err = errText.toString();
    return status;
  }
}
