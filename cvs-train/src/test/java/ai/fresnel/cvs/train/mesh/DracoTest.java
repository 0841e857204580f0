package ai.fresnel.cvs.train.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Meshes that Google's encoder compressed (DracoPy 2.2.0, 12 bits a coordinate, level 7): a corner
 * at the origin and one on each axis, 1, 2 and 4 long, with colours and texture coordinates.
 */
class DracoTest {

  /** {@code preserve_order=True}. */
  private static final String SEQUENTIAL =
      "RFJBQ08CAgEAAAAEBAEAAgEAAQMAAwIBAgMBAwICAwEAAwkCAQEACQMAAgEAAgABAQAJAwEQASATARADAJCQMTAz5jIA"
          + "AAAA/wAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAACAPwAAgD8AAIA/AAEBAA0DARAnATADAFCCAEAAAID/+38AAID/"
          + "DwAAAAAA/w8AAAAAAAAAAAAAAAAAAAAAgEAM";

  private static final String EDGEBREAKER =
      "RFJBQ08CAgEBAAAABAQCAwAAAS8BARD/AmZA/wJmQAMAAAABAAD/AAABAgIDAQABAQMJAgEBAAEACQMAAgIBAQEACQcB"
          + "EA8BEAEgAwAYkGbMZ2XLZiE6UAYAAAAA/wAAAAAAgD8AAIA/AAAAAAAAgD8AAAAAAAAAAAAAgD8AAAAAAQEBAA0D"
          + "ARAnATADAFCCBID/FwAA+H8AAMD/BwAAAAAA/w8AAAAAAAAAAAAAAAAAAAAAgEAM";

  // What was compressed, a row a point: place, colour, texture coordinates.
  private static final float[][] POINTS = {{0, 0, 0}, {1, 0, 0}, {0, 2, 0}, {0, 0, 4}};
  private static final float[][] COLOURS = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0.2f, 0.4f, 0.8f}};
  private static final float[][] UVS = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};
  private static final Set<String> FACES = Set.of("021", "013", "032", "123");

  @TempDir Path folder;

  private Mesh read(byte[] draco) throws IOException {
    String json =
        """
        {"asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
         "extensionsUsed": ["KHR_draco_mesh_compression"],
         "extensionsRequired": ["KHR_draco_mesh_compression"],
         "meshes": [{"primitives": [{
           "attributes": {"POSITION": 0, "TEXCOORD_0": 2, "COLOR_0": 3}, "indices": 1,
           "extensions": {"KHR_draco_mesh_compression": {"bufferView": 0,
             "attributes": {"POSITION": 2, "TEXCOORD_0": 1, "COLOR_0": 0}}}}]}],
         "accessors": [
           {"componentType": 5126, "count": 4, "type": "VEC3"},
           {"componentType": 5123, "count": 12, "type": "SCALAR"},
           {"componentType": 5126, "count": 4, "type": "VEC2"},
           {"componentType": 5121, "count": 4, "type": "VEC3", "normalized": true}],
         "bufferViews": [{"buffer": 0, "byteLength": LENGTH}],
         "buffers": [{"byteLength": LENGTH, "uri": "data:application/octet-stream;base64,DATA"}]}
        """
            .replace("LENGTH", Integer.toString(draco.length))
            .replace("DATA", Base64.getEncoder().encodeToString(draco));
    try (FolderArchive archive = new FolderArchive(folder)) {
      ObjectFiles files = new ObjectFiles(archive, "a.gltf", new Budget());
      return GltfReader.read(files, json.getBytes(StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SEQUENTIAL, EDGEBREAKER})
  void isWhatWasCompressed(String base64) throws IOException {
    Mesh mesh = read(Base64.getDecoder().decode(base64));
    Set<String> faces = new TreeSet<>();
    for (int t = 0; t < mesh.triangleCount(); t++) {
      StringBuilder face = new StringBuilder();
      for (int k = 0; k < 3; k++) {
        int point = pointAt(mesh, mesh.indices[3 * t + k]);
        face.append(point);
        int corner = 3 * t + k;
        assertArrayEquals(
            COLOURS[point], Arrays.copyOfRange(mesh.colours, 3 * corner, 3 * corner + 3), 1e-6f);
        float[] uv = {UVS[point][0], 1 - UVS[point][1]};
        assertArrayEquals(uv, Arrays.copyOfRange(mesh.uvs, 2 * corner, 2 * corner + 2), 1e-3f);
      }
      faces.add(turned(face.toString()));
    }
    Set<String> expected = new TreeSet<>();
    FACES.forEach(face -> expected.add(turned(face)));
    assertEquals(expected, faces);
  }

  /** Which point a vertex is: y up became z up, and the box is 1×2×4 around (0.5, 1, 2). */
  private static int pointAt(Mesh mesh, int vertex) {
    for (int i = 0; i < POINTS.length; i++) {
      float x = (POINTS[i][0] - 0.5f) / 4;
      float y = -(POINTS[i][2] - 2) / 4;
      float z = (POINTS[i][1] - 1) / 4;
      float[] p = mesh.positions;
      if (Math.abs(p[3 * vertex] - x) < 1e-3
          && Math.abs(p[3 * vertex + 1] - y) < 1e-3
          && Math.abs(p[3 * vertex + 2] - z) < 1e-3) {
        return i;
      }
    }
    throw new AssertionError("vertex " + vertex + " is none of the points");
  }

  /** A face from its lowest corner on. */
  private static String turned(String face) {
    String turned = face;
    while (turned.charAt(0) > turned.charAt(1) || turned.charAt(0) > turned.charAt(2)) {
      turned = turned.substring(1) + turned.charAt(0);
    }
    return turned;
  }

  private void refused(String expected, byte[] draco) {
    IOException e = assertThrows(IOException.class, () -> read(draco));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertTrue(e.getMessage().contains("a.gltf"), e.getMessage());
  }

  @Test
  void refusesWhatIsNoMeshOrClaimsTooMuch() {
    byte[] whole = Base64.getDecoder().decode(EDGEBREAKER);
    refused("is cut off", Arrays.copyOf(whole, 11));
    refused("is damaged", Arrays.copyOf(whole, 60));
    refused("does not begin with DRACO", new byte[40]);
    byte[] older = whole.clone();
    older[6] = 1;
    refused("version 2.1, expected 2.2", older);
    byte[] cloud = whole.clone();
    cloud[7] = 0;
    refused("holds no mesh", cloud);
    // 2^28 − 1 points in the variable's four bytes.
    byte[] huge = whole.clone();
    huge[12] = huge[13] = huge[14] = (byte) 0xFF;
    huge[15] = 0x7F;
    refused("points, too many", huge);
  }

  /** Damage is refused or is another mesh: nothing else, and soon. */
  @Test
  void damageNeitherHangsNorCrashes() {
    Random random = new Random(5);
    for (String base64 : new String[] {SEQUENTIAL, EDGEBREAKER}) {
      byte[] whole = Base64.getDecoder().decode(base64);
      for (int trial = 0; trial < 500; trial++) {
        byte[] damaged = whole.clone();
        for (int k = 0; k <= trial % 3; k++) {
          damaged[11 + random.nextInt(whole.length - 11)] = (byte) random.nextInt();
        }
        assertTimeoutPreemptively(
            Duration.ofSeconds(10),
            () -> {
              try {
                read(damaged);
              } catch (IOException e) {
                assertTrue(e.getMessage().contains("a.gltf"), e.getMessage());
              }
            },
            () -> Base64.getEncoder().encodeToString(damaged));
      }
    }
  }
}
