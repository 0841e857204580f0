package ai.fresnel.cvs.train.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damages a file. A binary file gets changed bits and bytes, lengths that lie, and cut, repeated or
 * foreign parts. A text also gets hostile numbers and words in the places of its own, and lines
 * that are repeated, swapped or nested.
 */
final class Mutator {

  private static final int MAX_BYTES = 1 << 18;

  private static final long[] LENGTHS = {
    0,
    1,
    -1,
    2,
    3,
    4,
    7,
    8,
    16,
    63,
    64,
    127,
    128,
    255,
    256,
    1000,
    4095,
    4096,
    32767,
    32768,
    65535,
    65536,
    1 << 20,
    1 << 24,
    1 << 28,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xFFFFFFFFL,
    1L << 32,
    1L << 40,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "1",
          "-1",
          "2",
          "3",
          "-0",
          "7",
          "99",
          "255",
          "256",
          "1000",
          "65535",
          "65536",
          "100000",
          "1000000",
          "2147483647",
          "2147483648",
          "-2147483648",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "99999999999999999999999999",
          "1e9",
          "1e38",
          "-1e39",
          "1e308",
          "1e309",
          "1e-320",
          "1e999999999",
          "0.5",
          "-0.1",
          "1.5e-7",
          "NaN",
          "nan",
          "Infinity",
          "-inf",
          "0x10",
          "1_0",
          "1,5",
          "1.2.3",
          "--1",
          "+1",
          "",
          "e",
          "null",
          "true",
          "\"1\"",
          "[]",
          "{}",
          "[1]");

  private static final List<String> WORDS =
      List.of(
          "null",
          "true",
          "[]",
          "{}",
          "\"\"",
          "\"x\"",
          "../../secret.png",
          "../secret.obj",
          ".",
          "..",
          "/",
          "/etc/passwd",
          "C:\\x",
          "a/../../b",
          "file:///etc/passwd",
          "http://localhost/x",
          "\\u0000",
          "\u0000",
          "\u001b[2J",
          "\ufeff",
          "\u00e4",
          "\ud83d\ude00",
          "%",
          "%zz",
          "#",
          "\\",
          "\"",
          "'",
          "\t",
          "\r",
          "\n",
          "\r\n",
          ",",
          ":",
          "{",
          "}",
          "[",
          "]",
          "(",
          ")",
          "//");

  private final SplittableRandom random;
  private final List<String> words;

  /**
   * @param random decides everything
   * @param words of the format
   */
  Mutator(SplittableRandom random, List<String> words) {
    this.random = random;
    this.words = words;
  }

  /**
   * Returns a damaged copy.
   *
   * @param content a sound file
   * @param other another sound file of the format, parts of which may be mixed in
   * @param isText whether the format is a text
   */
  byte[] damage(byte[] content, byte[] other, boolean isText) {
    byte[] damaged = content;
    // Mostly a single change, which gets deep; sometimes many.
    int changes = 1;
    while (changes < 16 && random.nextInt(5) < 2) {
      changes++;
    }
    for (int i = 0; i < changes; i++) {
      damaged = isText && random.nextInt(4) > 0 ? text(damaged, other) : bytes(damaged, other);
    }
    return damaged.length > MAX_BYTES ? Arrays.copyOf(damaged, MAX_BYTES) : damaged;
  }

  private int place(int length) {
    return length == 0 ? 0 : random.nextInt(length);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private byte[] bytes(byte[] content, byte[] other) {
    int at = place(content.length);
    int length = 1 + place(Math.min(Math.max(1, content.length - at), 1 << random.nextInt(1, 9)));
    switch (random.nextInt(10)) {
      case 0, 1 -> {
        return replaced(content, at, 1, (byte) random.nextInt());
      }
      case 2 -> {
        byte old = at < content.length ? content[at] : 0;
        return replaced(content, at, 1, (byte) (old ^ 1 << random.nextInt(8)));
      }
      case 3, 4 -> {
        return lie(content, at);
      }
      case 5 -> {
        return replaced(content, at, length);
      }
      case 6 -> {
        byte[] part = Arrays.copyOfRange(content, at, Math.min(content.length, at + length));
        return replaced(content, place(content.length), 0, repeated(part, 1 + random.nextInt(9)));
      }
      case 7 -> {
        return random.nextInt(3) > 0 ? Arrays.copyOf(content, at) : replaced(content, 0, at);
      }
      case 8 -> {
        int from = place(other.length);
        byte[] part = Arrays.copyOfRange(other, from, Math.min(other.length, from + 4 * length));
        return replaced(content, at, random.nextBoolean() ? part.length : 0, part);
      }
      default -> {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return replaced(content, at, random.nextBoolean() ? length : 0, noise);
      }
    }
  }

  /** Writes a length or another number of note, of 1, 2, 4 or 8 bytes, in either byte order. */
  private byte[] lie(byte[] content, int at) {
    int size = 1 << random.nextInt(4);
    long value = LENGTHS[random.nextInt(LENGTHS.length)];
    boolean little = random.nextInt(3) > 0;
    ByteBuffer number =
        ByteBuffer.allocate(8)
            .order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
            .putLong(value);
    byte[] all = number.array();
    byte[] part = little ? Arrays.copyOf(all, size) : Arrays.copyOfRange(all, 8 - size, 8);
    // Fields are aligned as a rule.
    int place = random.nextBoolean() ? at / size * size : at;
    return replaced(content, place, size, part);
  }

  private byte[] text(byte[] content, byte[] other) {
    // Latin-1 keeps all bytes as they are.
    String text = new String(content, StandardCharsets.ISO_8859_1);
    int[] token = token(text);
    int[] line = line(text);
    String whole = text.substring(line[0], line[1]);
    String changed =
        switch (random.nextInt(10)) {
          case 0, 1 -> put(text, number(text), any(NUMBERS));
          case 2 -> put(text, token, word());
          case 3 -> put(text, token, "");
          case 4 -> put(text, new int[] {token[0], token[0]}, word());
          case 5 ->
              put(text, line, random.nextBoolean() ? "" : whole.repeat(random.nextInt(2, 30)));
          case 6 -> {
            int[] second = line(text);
            String copy = text.substring(second[0], second[1]);
            yield put(text, line, copy);
          }
          case 7 -> {
            String opening = any(List.of("[", "{\"a\":", "(", "\"", "[[", "{"));
            yield put(
                text, new int[] {token[0], token[0]}, opening.repeat(1 << random.nextInt(13)));
          }
          case 8 -> {
            String foreign = new String(other, StandardCharsets.ISO_8859_1);
            int[] from = random.nextBoolean() ? line(foreign) : token(foreign);
            yield put(text, token, foreign.substring(from[0], from[1]));
          }
          default -> {
            String part = text.substring(token[0], token[1]);
            yield put(text, token, part.repeat(1 << random.nextInt(1, 12)));
          }
        };
    return changed.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String word() {
    boolean own = !words.isEmpty() && random.nextInt(3) > 0;
    String word = own ? any(words) : any(WORDS);
    // As UTF-8 in a text that is held as Latin-1.
    return new String(word.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static String put(String text, int[] span, String part) {
    // Repetition doubles: stop in time.
    String fits = part.length() > MAX_BYTES ? part.substring(0, MAX_BYTES) : part;
    return text.substring(0, span[0]) + fits + text.substring(span[1]);
  }

  /** Returns where a word or a number begins and ends. */
  private int[] token(String text) {
    int at = place(text.length());
    int from = at;
    while (from > 0 && isWord(text.charAt(from - 1))) {
      from--;
    }
    int to = at;
    while (to < text.length() && isWord(text.charAt(to))) {
      to++;
    }
    return new int[] {from, Math.max(to, Math.min(text.length(), from + 1))};
  }

  /** Returns where a number begins and ends; of a text without numbers, a word. */
  private int[] number(String text) {
    for (int i = 0; i < 40; i++) {
      int[] token = token(text);
      char first = token[0] < text.length() ? text.charAt(token[0]) : ' ';
      if ((first >= '0' && first <= '9') || first == '-') {
        return token;
      }
    }
    return token(text);
  }

  private static boolean isWord(char c) {
    return (c >= '0' && c <= '9')
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || c == '.'
        || c == '_'
        || c == '-'
        || c == '+';
  }

  private int[] line(String text) {
    int at = place(text.length());
    int to = text.indexOf('\n', at);
    return new int[] {
      at == 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1, to < 0 ? text.length() : to + 1
    };
  }

  private static byte[] repeated(byte[] part, int times) {
    byte[] all = new byte[part.length * times];
    for (int i = 0; i < all.length; i++) {
      all[i] = part[i % part.length];
    }
    return all;
  }

  private static byte[] replaced(byte[] content, int at, int length, byte... part) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + part.length);
    int from = Math.min(at, content.length);
    out.write(content, 0, from);
    out.writeBytes(part);
    int rest = Math.min(from + length, content.length);
    out.write(content, rest, content.length - rest);
    return out.toByteArray();
  }
}
