package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ScriptTest {

  private static final Path SCRIPT = Path.of("..", "cvs");

  @Test
  void scriptParses() throws IOException, InterruptedException {
    assertTrue(Files.isExecutable(SCRIPT));
    Process bash =
        new ProcessBuilder("bash", "-n", SCRIPT.toString()).redirectErrorStream(true).start();
    String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(bash.waitFor(10, TimeUnit.SECONDS));
    assertEquals(0, bash.exitValue(), output);
  }

  @Test
  void scriptStartsTheMainClassOfThisModule() throws IOException {
    assertTrue(Files.readString(SCRIPT).contains(Cvs.class.getName()));
  }

  @Test
  void aNativeThatIsNoneIsRefusedBeforeAnythingIsBuilt() throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), "doctor");
    builder.environment().put("CVS_NATIVE", "tpu");
    Process script = builder.redirectErrorStream(true).start();
    String output = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(script.waitFor(10, TimeUnit.SECONDS));
    assertEquals(2, script.exitValue(), output);
    assertEquals("cvs: CVS_NATIVE is tpu, expected cpu or rocm\n", output);
  }
}
