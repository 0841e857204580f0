package ai.fresnel.cvs.train.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same parsers under Jazzer, which keeps inputs that reach new code and damages them further.
 * It can fuzz one target in a process, so each parser has one.
 */
@Tag("slow")
@Tag("fuzz")
class GuidedFuzzTest {

  private static final String RUNS = System.getProperty("fuzz.runs", "5000");
  private static final String SEED = System.getProperty("fuzz.seed", "22");
  private static final Path REPORTS = Path.of(System.getProperty("fuzz.reports", "target/fuzz"));

  @TempDir Path folder;

  private static Stream<Parser> parsers() {
    return FuzzTest.parsers();
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void inputsThatReachNewCodeAreReadOrRefusedInOneLine(Parser parser) throws Exception {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    List<Seed> seeds = parser.seeds();
    for (int i = 0; i < seeds.size(); i++) {
      byte[] content = seeds.get(i).content();
      byte[] input = new byte[content.length + 1];
      input[0] = (byte) i;
      System.arraycopy(content, 0, input, 1, content.length);
      Files.write(corpus.resolve("seed" + i), input);
    }
    Path crashes = Files.createDirectories(REPORTS.resolve(parser.name() + "-crash"));
    Path log = folder.resolve("log.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djava.awt.headless=true",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + GuidedInput.class.getName(),
                "--target_args=" + parser.name() + " " + folder.resolve("work") + " " + REPORTS,
                "--instrumentation_includes=ai.fresnel.cvs.**:de.javagl.**:com.google.gson.**",
                "--instrumentation_excludes=ai.fresnel.cvs.train.fuzz.**",
                "-seed=" + SEED,
                "-runs=" + RUNS,
                "-max_len=65536",
                "-artifact_prefix=" + crashes + "/",
                corpus.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      boolean ended = process.waitFor(2, TimeUnit.HOURS);
      List<String> lines = Files.readAllLines(log, java.nio.charset.StandardCharsets.ISO_8859_1);
      lines.stream()
          .filter(line -> line.contains("DONE"))
          .forEach(
              line -> System.out.println("guided fuzz " + parser + ": seed " + SEED + " " + line));
      List<String> faults = lines.stream().filter(l -> l.startsWith(GuidedInput.FAULT)).toList();
      if (!ended || process.exitValue() != 0) {
        Files.copy(log, crashes.resolve("log.txt"), StandardCopyOption.REPLACE_EXISTING);
      }
      assertEquals("", String.join("\n", faults), parser.name());
      assertEquals(0, ended ? process.exitValue() : -1, crashes.resolve("log.txt").toString());
    } finally {
      process.destroyForcibly();
    }
  }
}
