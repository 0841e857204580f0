package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ArrayTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksumTest extends ArrayTest {

  @TempDir Path folder;
  private Path path;
  private Map<String, NDArray> arrays;

  @BeforeEach
  void write() throws IOException {
    path = folder.resolve("a.safetensors");
    arrays =
        new TreeMap<>(
            Map.of(
                "weight", manager.arange(12f).reshape(3, 4),
                "none", manager.zeros(new Shape(0)),
                "steps", manager.create(new long[] {3, 4})));
    AtomicFiles.write(path, Safetensors.checkedContent(arrays, Map.of("samples", "20")));
  }

  @Test
  void aCheckedFileIsAnOrdinaryFileWithOneMoreEntry() throws IOException {
    Map<String, String> metadata;
    try (Safetensors file = Safetensors.open(path)) {
      file.verify();
      metadata = file.metadata();
      assertEquals("20", metadata.get("samples"));
      assertTrue(metadata.get("crc32c").matches("[0-9a-f]{8}"), metadata.toString());
      assertEquals(arrays.get("weight"), file.read(manager, "weight"));
    }
    Path plain = folder.resolve("plain");
    Safetensors.write(plain, arrays, metadata);
    assertArrayEquals(Files.readAllBytes(plain), Files.readAllBytes(path));
  }

  /** Each bit of the file in turn; what opens nevertheless does not pass. */
  @Test
  void everyFlippedBitIsFound() throws IOException {
    byte[] sound = Files.readAllBytes(path);
    for (int bit = 0; bit < 8 * sound.length; bit++) {
      byte[] damaged = sound.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(path, damaged);
      int where = bit;
      if (isTheNameOfTheChecksum(sound, bit / 8)) {
        continue;
      }
      String message =
          assertThrows(ModelFormatException.class, () -> verify(), () -> "bit " + where)
              .getMessage();
      assertTrue(message.startsWith(path + ": "), message);
    }
  }

  /** A file without a checksum is accepted: nothing else is wrong with this one. */
  private static boolean isTheNameOfTheChecksum(byte[] file, int at) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int start = text.indexOf("crc32c");
    return at >= start && at < start + "crc32c".length();
  }

  private void verify() throws IOException {
    try (Safetensors file = Safetensors.open(path)) {
      file.verify();
    }
  }
}
