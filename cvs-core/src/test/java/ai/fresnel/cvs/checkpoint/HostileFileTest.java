package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests malicious pickles, given as the text of their instructions, byte by byte. */
class HostileFileTest {

  private static final String MAGIC = "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";
  private static final String VERSION = "\u0080\u0002M\u00e9\u0003.";
  private static final String MACHINE = "\u0080\u0002}U\rlittle_endian\u0088s.";
  private static final String PROTOCOL = "\u0080\u0002";

  /** Storage 1: four floats. */
  private static final String STORAGE =
      "(U\u0007storagectorch\nFloatStorage\nU\u00011U\u0003cpuK\u0004NtQ";

  @TempDir Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A file of the old format, with storage 1 behind if it is named. */
  private Path legacy(String machine, String pickle) throws IOException {
    ByteBuffer storage = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    storage.putLong(4).putFloat(1).putFloat(2).putFloat(3).putFloat(4);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes(MAGIC + VERSION + machine + PROTOCOL + pickle + "."));
    if (pickle.contains("FloatStorage")) {
      out.write(bytes(PROTOCOL + "]U\u00011a."));
      out.write(storage.array());
    } else {
      out.write(bytes(PROTOCOL + "]."));
    }
    Path path = folder.resolve("hostile.pth");
    Files.write(path, out.toByteArray());
    return path;
  }

  private static String refused(Path path) {
    String message =
        assertThrows(ModelFormatException.class, () -> WeightFile.open(path).close()).getMessage();
    assertTrue(message.startsWith(path + ": "), message);
    assertEquals(1, message.lines().count(), message);
    return message.substring(path.toString().length() + 2);
  }

  private String refused(String pickle) throws IOException {
    return refused(legacy(MACHINE, pickle));
  }

  /** A state dictionary of one tensor, by its offset, shape and strides. */
  private static String tensor(String offset, String shape, String strides) {
    String arguments = "(" + STORAGE + offset + shape + strides + "t";
    return "}U\u0001a" + "ctorch._utils\n_rebuild_tensor\n" + arguments + "Rs";
  }

  @Test
  void theFileThatTheOthersAreMadeFrom() throws IOException {
    try (WeightFile file =
        WeightFile.open(legacy(MACHINE, tensor("K\u0000", "K\u0004\u0085", "K\u0001\u0085")))) {
      assertEquals(4, file.shape("a").size());
    }
  }

  @Test
  void codeIsNotRunButNamed() throws IOException {
    Path trace = folder.resolve("trace");
    String command = "touch " + trace;
    String call = "cposix\nsystem\n(U" + (char) command.length() + command + "tR";
    assertEquals(
        "names \"posix.system\", which no state dictionary needs; it was not run or loaded",
        refused(call));
    assertFalse(Files.exists(trace));
    assertTrue(refused("c__builtin__\neval\n").startsWith("names \"__builtin__.eval\""));
    assertTrue(refused("c\u001b[2J\nx\n").startsWith("names \"\\u001b[2J.x\""));
    assertTrue(refused("(iposix\nsystem\n").contains("instruction 0x69"));
    assertEquals("a pickle calls a string", refused("U\u0001a)R"));
  }

  @Test
  void tensorsBeyondTheirStorage() throws IOException {
    String side = "J\u00ff\u00ff\u00ff\u007f";
    String[][] cases = {
      // Beyond the four elements by offset, shape and stride; then a stride of 0.
      {"K\u0001", "K\u0004\u0085", "K\u0001\u0085"},
      {"K\u0000", "K\u0005\u0085", "K\u0001\u0085"},
      {"K\u0000", "K\u0002\u0085", "K\u0004\u0085"},
      {"K\u0000", side + "\u0085", "K\u0000\u0085"},
      {"K\u0000", side + side + side + "\u0087", "K\u0001K\u0001K\u0001\u0087"},
      {"K\u0000", "(K\u0000" + side + side + side + "t", "(K\u0001K\u0001K\u0001K\u0001t"},
    };
    for (String[] c : cases) {
      assertTrue(refused(tensor(c[0], c[1], c[2])).contains("reaches beyond its 4 elements"));
    }
  }

  @Test
  void invalidTensorsAreRefused() throws IOException {
    String refused = "a tensor without a storage, an offset, a shape and its strides";
    assertEquals(refused, refused(tensor("K\u0000", "K\u0004\u0085", ")")));
    assertEquals(refused, refused(tensor("N", "K\u0004\u0085", "K\u0001\u0085")));
    assertEquals(refused, refused(tensor("J\u00ff\u00ff\u00ff\u00ff", ")", ")")));
    assertEquals("tensor \"a\" has no values", refused("}U\u0001actorch\nFloatTensor\n)Rs"));
  }

  @Test
  void sizesAreCheckedAgainstTheFile() throws IOException {
    assertTrue(
        refused("X\u00ff\u00ff\u00ff\u007f").contains("string of 2147483647 bytes runs beyond"));
    assertTrue(
        refused("T\u00ff\u00ff\u00ff\u00ff").contains("string of 4294967295 bytes runs beyond"));
    String claims = STORAGE.replace("K\u0004", "\u008a\u0006\0\0\0\0\0\u0001");
    // The storage is named and checked, though no tensor uses it.
    assertEquals(
        "storage \"1\" has 16 bytes, expected 4398046511104", refused("}U\u0001a" + claims + "s"));
  }

  @Test
  void objectsThatContainThemselvesAreRefused() throws IOException {
    assertEquals(
        "entry \"a\" is a dictionary, expected a tensor: not a state dictionary alone",
        refused("}q\u0001U\u0001ah\u0001s"));
    assertEquals(
        "an item of a dictionary has no string or number for a key", refused("}q\u0001h\u0001Ns"));
    assertEquals("holds a list, expected a state dictionary", refused("]q\u0001h\u0001a"));
  }

  /** Small files that ask for much work: 450 kB once took longer than two minutes. */
  @Test
  void workIsBounded() throws IOException {
    // A list of 50,000 pairs, of which 50,000 dictionaries are made.
    String pairs = "](" + "K\u0001K\u0002\u0086".repeat(50_000) + "eq\u0001";
    String again = "ccollections\nOrderedDict\nq\u0002" + "h\u0002h\u0001\u0085R".repeat(50_000);
    assertTrue(refused(pairs + again).startsWith("a pickle of more than 2097152 steps"));
    // Lists of lists, each twice as large as the last if it were copied.
    String memo = "]q\u0001";
    String twice = "](h\u0001h\u0001eq\u0001";
    assertEquals(
        "holds a list, expected a state dictionary", refused(memo + twice.repeat(100_000)));
    // Tuples, marks and strings a million deep.
    assertEquals(
        "holds a tuple, expected a state dictionary", refused(")" + "\u0085".repeat(1_000_000)));
    assertEquals(
        "holds a tuple, expected a state dictionary",
        refused("(".repeat(1_000_000) + "t".repeat(1_000_000)));
    assertTrue(refused("N".repeat(3_000_000)).startsWith("a pickle of more than 2097152 steps"));
  }

  @Test
  void anEmptyStackIsRefused() throws IOException {
    for (String pickle :
        new String[] {"s", "(s", "K\u0001(\u0085", "t", "e", "R", "b", "q\u0001", "Q", ""}) {
      assertTrue(refused(pickle).contains("a pickle "), pickle);
    }
    assertTrue(refused("h\u0005").contains("recalls object 5"));
    assertTrue(refused("j\u00ff\u00ff\u00ff\u00ff").contains("recalls object -1"));
    assertTrue(refused("K\u0001K\u0002a").contains("appends to what is no list"));
    assertTrue(refused("](K\u0001u").contains("items of no dictionary"));
  }

  @Test
  void otherFiles() throws IOException {
    assertTrue(refused(legacy(MACHINE.replace('\u0088', '\u0089'), "}")).contains("big-endian"));
    Path path = folder.resolve("other.pth");
    Files.writeString(path, "<html>not found</html>");
    assertEquals("neither a checkpoint of torch.save nor a safetensors file", refused(path));
    Files.write(path, bytes("\u0080\u0002}."));
    assertEquals("a pickle, but no checkpoint of torch.save", refused(path));
    Files.write(path, bytes("\u0080\u0004}."));
    assertEquals("a pickle of protocol 4, expected 2", refused(path));
    zip(path, "a/b.txt", "");
    assertEquals("a zip archive with 0 files data.pkl, expected 1 in a checkpoint", refused(path));
    // A deflated entry may claim more bytes than the file has.
    zip(path, "a/data.pkl", PROTOCOL + "}.");
    assertEquals("\"a/data.pkl\" is compressed, expected stored", refused(path));
  }

  /**
   * A header of safetensors that is nested deep, or has tensors without end, is read as a stream.
   */
  @Test
  void headersOfSafetensors() throws IOException {
    Path path = folder.resolve("hostile.safetensors");
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    Files.write(path, SafetensorsBytes.bytes(deep));
    assertTrue(refused(path).startsWith("tensor \"a\" is not an object"));
    deep = "{\"a\":{\"shape\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}}";
    Files.write(path, SafetensorsBytes.bytes(deep));
    assertTrue(refused(path).startsWith("tensor \"a\": shape holds something not a number"));
  }

  private static void zip(Path path, String name, String content) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(bytes(content));
    }
  }
}
