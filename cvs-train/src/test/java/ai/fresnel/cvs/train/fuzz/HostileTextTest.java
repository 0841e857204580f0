package ai.fresnel.cvs.train.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.view.ViewModel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Texts, pickles and streams that are small and want much. */
@Tag("fuzz")
class HostileTextTest {

  private static final int DEEP = 100_000;

  @TempDir Path folder;

  /** In every reader of JSON: alone, in place of a value, and below a name that nobody knows. */
  @TestFactory
  Stream<DynamicTest> jsonNestedOneHundredThousandDeep() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Parser parser : Parsers.all()) {
      for (Seed seed : parser.seeds()) {
        String text = new String(seed.content(), StandardCharsets.UTF_8).strip();
        if (!seed.isText() || !(text.startsWith("{") || text.startsWith("["))) {
          continue;
        }
        String lists = "[".repeat(DEEP) + "]".repeat(DEEP);
        String objects = "{\"a\":".repeat(DEEP) + "0" + "}".repeat(DEEP);
        String first = text.startsWith("[") ? lists + ", " : "\"deep\": " + lists + ", ";
        List<String> texts =
            List.of(
                lists,
                objects,
                text.charAt(0) + first + text.substring(1),
                text.replaceFirst(
                    "(?s)(\"[a-zA-Z_]+\": )(?=[0-9\"\\[])", "$1" + objects + ", \"b\": "));
        for (int i = 0; i < texts.size(); i++) {
          byte[] content = texts.get(i).getBytes(StandardCharsets.UTF_8);
          Path work = folder.resolve(parser.name() + tests.size());
          tests.add(
              DynamicTest.dynamicTest(
                  parser.name() + ", " + seed.name() + ", " + i,
                  () -> Hostile.read(parser, seed, content, work)));
        }
      }
    }
    assertTrue(tests.size() > 40, "readers of JSON are missing");
    return tests.stream();
  }

  private String pickle(byte[] pickle) throws Exception {
    Parser parser = Parsers.named("pickle");
    Seed inside = parser.seeds().get(1);
    assertEquals("inside", inside.name());
    return Hostile.read(parser, inside, pickle, folder);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void pickleWithACall() throws Exception {
    Path trace = folder.resolve("trace");
    String message =
        pickle(
            latin("\u0080\u0002cposix\nsystem\nX\u0010\0\0\0touch " + "x".repeat(10) + "\u0085R."));
    assertTrue(message.contains("posix.system"), message);
    assertTrue(Files.notExists(trace));
    assertTrue(
        pickle(latin("\u0080\u0002cbuiltins\neval\nX\u0001\0\0\0" + "1\u0085R.")).contains("eval"));
    assertTrue(pickle(latin("\u0080\u0002c__builtin__\ngetattr\n.")).contains("getattr"));
  }

  /** Each list holds the one before twice: small in memory, endless when it is walked. */
  @Test
  void pickleThatDoublesByItsMemo() throws Exception {
    StringBuilder bomb = new StringBuilder("\u0080\u0002]q\0");
    for (int i = 0; i < 100; i++) {
      char before = (char) i;
      bomb.append("](h" + before + "h" + before + "eq" + (char) (i + 1));
    }
    pickle(latin(bomb + "."));
    StringBuilder tuples = new StringBuilder("\u0080\u0002)q\0");
    for (int i = 0; i < 100; i++) {
      char before = (char) i;
      tuples.append("h" + before + "h" + before + "\u0086q" + (char) (i + 1));
    }
    pickle(latin(tuples + "."));
    // As the key and the value of a dictionary, whose hash or words would be endless.
    pickle(latin("\u0080\u0002}(" + tuples.substring(2) + "0hdhdu."));
    pickle(latin("\u0080\u0002}(X\u0001\0\0\0a" + tuples.substring(2) + "0hdu."));
  }

  /** One long list of pairs, made into a dictionary again and again. */
  @Test
  void pickleThatCopiesALongListManyTimes() throws Exception {
    String list = "\u0080\u0002K\1K\1\u0086q\2]q\0(" + "h\2".repeat(100_000) + "e";
    String calls = "ccollections\nOrderedDict\nq\1" + "h\1h\0\u0085R".repeat(40_000);
    pickle(latin(list + calls + "."));
    StringBuilder keys = new StringBuilder("\u0080\u0002]q\0(");
    for (int i = 0; i < 20_000; i++) {
      keys.append("M" + (char) (i & 255) + (char) (i >> 8) + "N\u0086");
    }
    pickle(latin(keys + "e" + calls + "."));
  }

  /** A dictionary in itself, and half a megabyte of each instruction that makes something. */
  @Test
  void pickleOfOneInstructionRepeated() throws Exception {
    pickle(latin("\u0080\u0002}q\0X\u0001\0\0\0ah\0s."));
    pickle(latin("\u0080\u0002]q\0h\0ah\0a."));
    for (String part :
        List.of(
            "(",
            "]",
            "}",
            ")",
            "N",
            "]q\0",
            "(t",
            "\u0085",
            "J\0\0\0\0",
            "K\1",
            "h\0",
            "2",
            "cx\ny\n",
            "\u008a\u0001\1",
            "(l",
            "X\0\0\0\0",
            "ccollections\nOrderedDict\n)R",
            "}(K\1K\2u",
            "]K\1a",
            "G????????")) {
      String many = "\u0080\u0002Nq\0" + part.repeat(450_000 / part.length());
      pickle(latin(many));
      pickle(latin(many + "."));
      pickle(latin("\u0080\u0002}q\0(" + part.repeat(450_000 / part.length()) + "u."));
    }
  }

  @Test
  void safetensorsHeadersThatLie() throws Exception {
    Parser parser = Parsers.named("safetensors");
    Seed whole = parser.seeds().get(0);
    byte[] sound = whole.content();
    for (long length :
        new long[] {
          -1, Long.MIN_VALUE, Long.MAX_VALUE, sound.length, sound.length - 7L, 0, 1, 1L << 32
        }) {
      byte[] lie = sound.clone();
      ByteBuffer.wrap(lie).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      assertTrue(Hostile.read(parser, whole, lie, folder).contains("fuzzed.safetensors"));
    }
    Seed header = parser.seeds().get(1);
    for (Map.Entry<String, String> lie :
        Map.of(
                "[2, 3]", "[3000000000, 3000000000]",
                "[0, 24]", "[0, 9223372036854775807]",
                "[24, 28]", "[20, 24]",
                "[28, 30]", "[30, 28]",
                "[2, 1]", "[2, -1]",
                "[1]", "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
                "\"I64\"", "\"I9\"",
                "\"c\"", "\"b\"",
                "[0, 4]", "[0, 1e99]")
            .entrySet()) {
      String text = new String(header.content(), StandardCharsets.UTF_8);
      assertTrue(text.contains(lie.getKey()), lie.getKey());
      byte[] lying = text.replace(lie.getKey(), lie.getValue()).getBytes(StandardCharsets.UTF_8);
      assertTrue(
          Hostile.read(parser, header, lying, folder).contains("fuzzed.safetensors"),
          lie.toString());
    }
  }

  /** Its configuration wants ten gigabytes of weights; the file has forty bytes. */
  @Test
  void modelThatClaimsMuch() throws Exception {
    Parsers.named("model").seeds().get(0).folder().write(folder);
    String config = ModelConfig.base256().toJson();
    String large = config.replaceAll("(\"channels\": )[0-9]+(,\\s*\"blocks\")", "$1" + "2048$2");
    assertTrue(!large.equals(config));
    Files.writeString(folder.resolve(ModelFolder.CONFIG), large);
    String message =
        Hostile.read(
            folder,
            root -> {
              try (ModelFolder model = ModelFolder.open(root);
                  NDManager manager = NDManager.newBaseManager()) {
                ViewModel.load(model, manager);
              }
            },
            ModelFolder.WEIGHTS);
    assertTrue(message.contains("does not fit the network"), message);
  }

  /** One member of gzip, about a megabyte, that unpacks to a gigabyte of one byte after a text. */
  private static byte[] gigabyte(String start, char of) throws Exception {
    byte[] first = latin(start);
    byte[] block = latin(String.valueOf(of).repeat(1 << 20));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {31, (byte) 139, 8, 0, 0, 0, 0, 0, 0, 0});
    Deflater deflater = new Deflater(9, true);
    byte[] buffer = new byte[1 << 16];
    CRC32 sum = new CRC32();
    sum.update(first);
    deflater.setInput(first);
    out.write(buffer, 0, deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH));
    byte[] repeated = new byte[0];
    // The second block only looks back at what every later one sees, too.
    for (int i = 0; i < 3; i++) {
      deflater.setInput(block);
      int length = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
      out.write(buffer, 0, length);
      repeated = Arrays.copyOf(buffer, length);
    }
    for (int i = 3; i < 1024; i++) {
      out.writeBytes(repeated);
    }
    for (int i = 0; i < 1024; i++) {
      sum.update(block);
    }
    deflater.setInput(new byte[0]);
    deflater.finish();
    out.write(buffer, 0, deflater.deflate(buffer));
    deflater.end();
    out.writeBytes(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt((int) sum.getValue())
            .putInt((int) (first.length + (1L << 30)))
            .array());
    return out.toByteArray();
  }

  @Test
  void gigabyteInGzip() throws Exception {
    Parser parser = Parsers.named("co3d");
    Seed raw = parser.seeds().get(1);
    assertEquals("gzip", raw.name());
    for (byte[] bomb :
        List.of(
            gigabyte("", '\0'),
            gigabyte("", ' '),
            gigabyte("", '['),
            gigabyte("[", ' '),
            gigabyte("[{\"sequence_name\": \"", 'a'),
            gigabyte("[{\"sequence_name\": \"x\", \"image\": {\"size\": [", '1'),
            gigabyte("[{\"sequence_name\": \"x\", \"other\": ", '['),
            gigabyte("[{\"", 'a'))) {
      assertTrue(bomb.length < 2_000_000, bomb.length + " bytes");
      Path work = folder.resolve(Integer.toString(Arrays.hashCode(bomb)));
      assertTrue(Hostile.read(parser, raw, bomb, work).contains("frame_annotations.jgz"));
    }
  }
}
