package ai.fresnel.cvs.train.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files that ask for much, read by a process of its own with 256 MB. */
class HostileMeshesTest {

  @TempDir static Path folder;

  private record Outcome(long millis, String line) {}

  private static final Map<String, Outcome> OUTCOMES = new TreeMap<>();

  @BeforeAll
  static void readAll() throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                HostileMeshes.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(300, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertTrue(ended, () -> "hangs after " + OUTCOMES.keySet());
    for (String line : Files.readAllLines(log)) {
      String[] parts = line.split("\t", 3);
      assertEquals(3, parts.length, line);
      OUTCOMES.put(parts[0], new Outcome(Long.parseLong(parts[1]), parts[2]));
    }
  }

  private static void is(String expected, String... names) {
    for (String name : names) {
      String line = OUTCOMES.get(name).line();
      assertTrue(line.contains(expected), name + ": " + line);
    }
  }

  @Test
  void nothingTakesLongOrFailsWithoutAMessage() {
    OUTCOMES.forEach(
        (name, outcome) -> {
          assertTrue(outcome.millis() < 10_000, name + " took " + outcome.millis() + " ms");
          assertFalse(outcome.line().startsWith("FAULT"), name + ": " + outcome.line());
        });
  }

  @Test
  void aNodeHasOneParentAndNoCircle() {
    is("refused: childTwice: a.gltf: node 1 has two parents, 0 and 0", "childTwice");
    is("refused: diamonds: a.gltf: node 3 has two parents, 1 and 2", "diamonds");
    is("nodes are nested in a circle", "circle");
    is("1 triangles []", "deepNodes");
  }

  @Test
  void instancesAndClaimsAreCountedBeforeTheyAreMade() {
    is("its triangles need more memory than 128 MB, half of Java's", "instances", "emptyInstances");
    is("479998 triangles need more memory than 128 MB", "longFace");
    is("values of JSON need more memory than 128 MB", "sceneRepeats");
    is("accessor 0 ends at byte 12000000000 of bufferView 0, which has 36", "hugeAccessor");
    is("12000000000 bytes need more memory than 128 MB", "hugeZeros", "hugeSparse");
    is("no visible triangle", "sharedZeros", "manyValues");
    is("too many", "dracoPoints", "dracoFaces", "dracoMillions", "dracoMillionFaces");
    is("Draco data is damaged", "dracoFew", "dracoFewFaces");
    is("a.gltf: nested more than 64 deep", "deepJson", "deepJsonClosed");
  }

  @Test
  void filesAreReadOnceAndWithinTheMemory() {
    is("all that Java's memory allows; --heap gives more", "zippedBuffers", "zippedGigabyte");
    is("1 triangles []", "manyLibraries");
    is("1000 triangles []", "largeTextures");
    is("30 triangles [textures have 318 texels a side at most", "manyTextures");
  }

  @Test
  void nothingOutsideIsReached() {
    is("image 0 is unusable: file file:///etc/passwd is missing", "outside");
    is("image 1 is unusable: file ../../x.png is missing", "outside");
    is("image 2 is unusable: file http://127.0.0.1:1/x.png is missing", "outside");
    is("image 3 is unusable: file /etc/passwd is missing", "outside");
    is("[material file ../../../etc/passwd is missing]", "zippedPaths");
  }

  @Test
  void longTextsTakeLittleTime() {
    is("254000 triangles []", "spirals");
    is("125000 triangles []", "fewVertices");
    is("material m0 is not defined", "manyMaterials");
    is("and 49988 more]", "manyMaterials");
    is("line 1: a face refers to vertex 1 of 0", "longLine");
  }
}
