package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** Copies the script into a folder that looks built, with a Java that prints what it is given. */
  private Path built(Path folder, String version) throws IOException {
    Path target = Files.createDirectories(folder.resolve("cvs-examples/target"));
    Files.writeString(folder.resolve("pom.xml"), "");
    for (String module : List.of("cvs-core", "cvs-train", "cvs-examples")) {
      Files.createDirectories(folder.resolve(module + "/src/main"));
      Files.writeString(folder.resolve(module + "/pom.xml"), "");
    }
    Files.writeString(target.resolve("cvs.classpath"), "");
    Files.writeString(target.resolve("cvs.jars"), "");
    Files.writeString(target.resolve("cvs.built"), "cpu");
    Path bin = Files.createDirectories(folder.resolve("jdk/bin"));
    Files.writeString(bin.resolveSibling("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Path java =
        Files.writeString(
            bin.resolve("java"), "#!/bin/sh\necho \"LC_ALL=$LC_ALL\"; printf '%s\\n' \"$@\"\n");
    assertTrue(java.toFile().setExecutable(true));
    return Files.copy(SCRIPT, folder.resolve("cvs"), StandardCopyOption.COPY_ATTRIBUTES);
  }

  private List<String> run(int status, Map<String, String> environment, Path script, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_HOME");
    builder.environment().remove("LC_ALL");
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    assertEquals(status, process.exitValue(), output);
    return output.lines().toList();
  }

  @Test
  void javaIsThatOfJavaHomeOrThePath(@TempDir Path folder) throws Exception {
    Path script = built(folder, "17.0.1");
    String jdk = folder.resolve("jdk").toString();
    List<String> home = run(0, Map.of("JAVA_HOME", jdk), script, "doctor", "--heap", "3g");
    assertTrue(home.contains(Cvs.class.getName()) && home.contains("-Xmx3g"), home.toString());
    String path = jdk + "/bin:" + System.getenv("PATH");
    List<String> found = run(0, Map.of("PATH", path), script, "doctor");
    assertTrue(found.contains(Cvs.class.getName()), found.toString());

    assertEquals(
        List.of("cvs: JAVA_HOME is /nowhere, expected a folder with bin/java"),
        run(1, Map.of("JAVA_HOME", "/nowhere"), script, "doctor"));
    assertEquals(
        List.of("cvs: --heap is lots, expected a size such as 4g"),
        run(2, Map.of("JAVA_HOME", jdk), script, "doctor", "--heap=lots"));
    for (String old : new String[] {"11.0.2", "1.8.0_292"}) {
      Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"" + old + "\"\n");
      assertEquals(
          List.of(
              "cvs: Java of JAVA_HOME (" + jdk + ") is version " + old + ", expected 17 or newer"),
          run(1, Map.of("JAVA_HOME", jdk), script, "doctor"));
    }
  }

  @Test
  void withoutJavaOneLineSaysWhatIsMissing(@TempDir Path folder) throws Exception {
    Path script = built(folder, "17");
    Path tools = Files.createDirectory(folder.resolve("tools"));
    for (String tool : new String[] {"bash", "dirname", "readlink", "env"}) {
      for (String bin : System.getenv("PATH").split(":", -1)) {
        Path file = Path.of(bin, tool);
        if (Files.isExecutable(file) && Files.notExists(tools.resolve(tool))) {
          Files.createSymbolicLink(tools.resolve(tool), file);
        }
      }
    }
    assertEquals(
        List.of("cvs: found no Java, expected version 17 or newer in JAVA_HOME or PATH"),
        run(1, Map.of("PATH", tools.toString()), script, "doctor"));
  }

  /** Java decodes names as the locale says: one of ASCII would lose the others. */
  @Test
  void namesSurviveALocaleOfAsciiAlone(@TempDir Path folder) throws Exception {
    Path script = built(folder, "17");
    String jdk = folder.resolve("jdk").toString();
    String given = run(0, Map.of("JAVA_HOME", jdk, "LC_ALL", "C"), script, "doctor").get(0);
    assertTrue(given.matches("LC_ALL=(C|en_US)\\.UTF-8"), given);
    assertEquals(
        "LC_ALL=C.UTF-8",
        run(0, Map.of("JAVA_HOME", jdk, "LC_ALL", "C.UTF-8"), script, "doctor").get(0));
  }
}
