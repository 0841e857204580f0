package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorVerbTest {

  @TempDir Path folder;

  private String text;

  /** Runs the command in a process whose class path lacks what is named. */
  private int runWithout(String part, Map<String, String> environment) throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains(part))
            .collect(Collectors.joining(File.pathSeparator));
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-DENGINE_CACHE_DIR=" + folder,
            "-cp",
            classPath,
            Cvs.class.getName(),
            "doctor");
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    return process.exitValue();
  }

  private void assertLine(String start) {
    assertTrue(text.lines().anyMatch(line -> line.startsWith(start)), text);
    assertFalse(text.contains("\tat "), text);
  }

  @Test
  void aMachineThatDrawsOnTheCpuIsWell() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Cvs.run(new PrintWriter(out), new PrintWriter(err), "doctor", "--device", "cpu");
    text = out.toString();
    assertEquals(0, status, text + err);
    assertEquals("", err.toString());
    List<String> words =
        text.lines().map(line -> line.substring(0, 11).strip()).distinct().toList();
    assertEquals(
        List.of("system", "memory", "java", "library", "jni", "engine", "tried"),
        words.subList(0, 7));
    assertLine("library     CPU 2.7.1");
    assertFalse(text.contains("jni         none"), text);
    assertLine("engine      PyTorch 2.7.1, DJL 0.35.1, ");
    assertLine("tried       cpu: computes");
    assertLine("verdict     views can be drawn on the CPU");
  }

  @Test
  void withoutNativesItSaysWhatToAdd() throws Exception {
    assertEquals(1, runWithout("pytorch-native-", Map.of()), text);
    assertLine("library     none");
    assertLine("problem     no PyTorch library is on the class path; cure: add");
    assertLine("verdict     no views can be drawn, ");
    assertEquals(1, runWithout("pytorch-jni", Map.of()), text);
    assertLine("jni         none");
    assertLine("problem     DJL's JNI library is not on the class path; cure: add");
  }

  @Test
  void aLibtorchThatIsNoneIsNamed() throws Exception {
    assertEquals(1, runWithout("nothing at all", Map.of("CVS_LIBTORCH", "/elsewhere")), text);
    assertLine(
        "problem     CVS_LIBTORCH: /elsewhere: no libtorch, expected a folder with libtorch.so");
    assertLine("verdict     no views can be drawn, 1 problem");
  }

  @Test
  void aDeviceThatIsNoneIsBadUsage() {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    assertEquals(2, Cvs.run(out, out, "doctor", "--device", "tpu"), text.toString());
  }
}
