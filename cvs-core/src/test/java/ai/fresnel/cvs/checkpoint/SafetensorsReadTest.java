package ai.fresnel.cvs.checkpoint;

import static ai.fresnel.cvs.checkpoint.SafetensorsBytes.bytes;
import static ai.fresnel.cvs.checkpoint.SafetensorsBytes.entry;
import static ai.fresnel.cvs.checkpoint.SafetensorsBytes.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsReadTest {
  private static final String F32_OF_TWO = entry("a", "F32", "[2]", 0, 8);

  @TempDir Path folder;

  @Test
  void everyTypeIsReadFromHandMadeBytes() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(8 + 4 + 2 + 2 + 8 + 4 + 2 + 1 + 1 + 2);
    data.order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(Math.PI).putFloat(-1.5f);
    data.putShort((short) 0x3E00); // 1.5 in float16
    data.putShort((short) 0xC049); // -3.140625 in bfloat16
    data.putLong(1L << 40).putInt(-7).putShort((short) -300);
    data.put((byte) -5).put((byte) 200).put((byte) 1).put((byte) 0);
    String header =
        "{"
            + String.join(
                ",",
                entry("f64", "F64", "[]", 0, 8),
                entry("f32", "F32", "[1]", 8, 12),
                entry("f16", "F16", "[1,1]", 12, 14),
                entry("bf16", "BF16", "[1]", 14, 16),
                entry("i64", "I64", "[1]", 16, 24),
                entry("i32", "I32", "[1]", 24, 28),
                entry("i16", "I16", "[1]", 28, 30),
                entry("i8", "I8", "[1]", 30, 31),
                entry("u8", "U8", "[1]", 31, 32),
                entry("bool", "BOOL", "[2,1]", 32, 34))
            + "}   ";
    try (NDManager manager = NDManager.newBaseManager();
        Safetensors file = open(bytes(header, data.array()))) {
      assertEquals(
          List.of("bf16", "bool", "f16", "f32", "f64", "i16", "i32", "i64", "i8", "u8"),
          List.copyOf(file.names()));
      assertEquals(Math.PI, file.read(manager, "f64").getDouble());
      assertEquals(-1.5f, file.read(manager, "f32").getFloat(0));
      assertEquals(DataType.FLOAT16, file.read(manager, "f16").getDataType());
      assertEquals(1.5f, file.read(manager, "f16").toType(DataType.FLOAT32, true).getFloat(0, 0));
      assertEquals(-3.140625f, file.read(manager, "bf16").getFloat(0));
      assertEquals(DataType.BFLOAT16, file.dataType("bf16"));
      assertEquals(1L << 40, file.read(manager, "i64").getLong(0));
      assertEquals(-7, file.read(manager, "i32").getInt(0));
      assertEquals(-300, file.read(manager, "i16").getInt(0));
      assertArrayEquals(new byte[] {-5}, file.read(manager, "i8").toByteArray());
      assertArrayEquals(new int[] {200}, file.read(manager, "u8").toUint8Array());
      assertArrayEquals(new boolean[] {true, false}, file.read(manager, "bool").toBooleanArray());
      assertEquals(new Shape(2, 1), file.shape("bool"));
      assertEquals(new Shape(), file.shape("f64"));
      assertArrayEquals(new byte[] {1, 0}, array(file.bytes("bool")));
    }
  }

  @Test
  void metadataOrderOfOffsetsAndEmptyTensorsAreFree() throws IOException {
    String header =
        json("{'__metadata__':{'b':'2','a':'\\u00e9'},")
            + entry("late", "U8", "[1]", 1, 2)
            + ","
            + entry("empty", "F32", "[3,0]", 1, 1)
            + ","
            + entry("early", "U8", "[1]", 0, 1)
            + "}";
    try (NDManager manager = NDManager.newBaseManager();
        Safetensors file = open(bytes(header, (byte) 10, (byte) 11))) {
      assertEquals(Map.of("a", "é", "b", "2"), file.metadata());
      assertArrayEquals(new int[] {11}, file.read(manager, "late").toUint8Array());
      assertArrayEquals(new int[] {10}, file.read(manager, "early").toUint8Array());
      assertEquals(new Shape(3, 0), file.read(manager, "empty").getShape());
      NoSuchElementException e =
          assertThrows(NoSuchElementException.class, () -> file.shape("none"));
      assertTrue(e.getMessage().endsWith("x.safetensors has no tensor \"none\""), e.getMessage());
    }
  }

  @Test
  void arraysOutliveTheFileAndAreTheirOwn() throws IOException {
    byte[] bytes = bytes("{" + F32_OF_TWO + "}", new byte[8]);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray array;
      try (Safetensors file = open(bytes)) {
        array = file.read(manager, "a");
      }
      array.addi(3);
      assertArrayEquals(new float[] {3, 3}, array.toFloatArray());
      assertArrayEquals(bytes, Files.readAllBytes(folder.resolve("x.safetensors")));
    }
  }

  @Test
  void largeBfloat16IsWidenedAcrossBuffers() throws IOException {
    int count = (1 << 20) + 3;
    ByteBuffer data = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      data.putShort((short) (Float.floatToIntBits(i % 251) >>> 16));
    }
    String header = "{" + entry("a", "BF16", "[" + count + "]", 0, 2L * count) + "}";
    try (NDManager manager = NDManager.newBaseManager();
        Safetensors file = open(bytes(header, data.array()))) {
      float[] values = file.read(manager, "a").toFloatArray();
      for (int i = 0; i < count; i++) {
        float expected = Float.intBitsToFloat(Float.floatToIntBits(i % 251) & 0xFFFF0000);
        assertEquals(expected, values[i], "element " + i);
      }
    }
  }

  @Test
  void filesBeyondTwoGibibytesWork() throws IOException {
    // A sparse file: the hole reads as zeros and takes no disk.
    long hole = 3L << 30;
    String header =
        "{"
            + entry("a", "U8", "[" + hole + "]", 0, hole)
            + ","
            + entry("b", "F32", "[1]", hole, hole + 4)
            + "}";
    Path path = SafetensorsBytes.write(folder, bytes(header));
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(8 + header.length() + hole);
      file.write(new byte[] {0, 0, (byte) 0x80, 0x3F});
    }
    try (NDManager manager = NDManager.newBaseManager();
        Safetensors file = Safetensors.open(path)) {
      assertArrayEquals(new float[] {1}, file.read(manager, "b").toFloatArray());
      assertEquals(new Shape(hole), file.shape("a"));
      IOException e = assertThrows(IOException.class, () -> file.bytes("a"));
      assertTrue(e.getMessage().contains("3221225472 bytes, more than one buffer"));
    }
  }

  @Test
  void aFileCutAnywhereIsRefused() throws IOException {
    byte[] whole = bytes("{" + F32_OF_TWO + "}", new byte[8]);
    open(whole).close();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      ModelFormatException e =
          assertThrows(ModelFormatException.class, () -> open(cut), "cut to " + length);
      assertTrue(e.getMessage().contains("x.safetensors: "), e.getMessage());
    }
  }

  @Test
  void hugeHeaderClaimsAreRefusedWithoutMemory() throws IOException {
    for (long claim : new long[] {1L << 60, -1, Long.MIN_VALUE, 200_000_000, 3}) {
      byte[] bytes = bytes("{}");
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(claim);
      refused(bytes, Long.toUnsignedString(claim) + " bytes, expected at most 2");
    }
  }

  @Test
  void headersAboveTheFormatsLimitAreRefusedEvenInLargeFiles() throws IOException {
    Path path = folder.resolve("x.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(new byte[] {0x01, (byte) 0xE1, (byte) 0xF5, 0x05, 0, 0, 0, 0}); // 100,000,001
      file.setLength(200_000_000);
    }
    ModelFormatException e = assertThrows(ModelFormatException.class, () -> Safetensors.open(path));
    assertTrue(e.getMessage().endsWith("claims 100000001 bytes, expected at most 100000000"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // Eight bytes of data follow each header; single quotes stand for double ones.
        "[]|not what safetensors says",
        "{'a':3}|tensor \"a\" is not an object",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}x|not what safetensors says",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}{}|not what safetensors says",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},}|not what safetensors says",
        "{'a':{'shape':[2],'data_offsets':[0,8]}}|tensor \"a\": dtype is missing",
        "{'a':{'dtype':'F32','data_offsets':[0,8]}}|tensor \"a\": shape is missing",
        "{'a':{'dtype':'F32','shape':[2]}}|tensor \"a\": data_offsets is missing",
        "{'a':{'dtype':'F7','shape':[2],'data_offsets':[0,8]}}|tensor \"a\": unknown dtype \"F7\"",
        "{'a':{'dtype':3,'shape':[2],'data_offsets':[0,8]}}|tensor \"a\": dtype is not a string",
        "{'a':{'dtype':'F32','dtype':'F32','shape':[2],'data_offsets':[0,8]}}|dtype is there twice",
        "{'a':{'dtype':'F32','shape':[2],'shape':[2],'data_offsets':[0,8]}}|shape is there twice",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'data_offsets':[0,8]}}|is there twice",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}}|unknown field \"x\"",
        "{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}|tensor \"a\": shape is not a list",
        "{'a':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}}|shape holds something not a num",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|shape holds \"-2\", expected",
        "{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}|shape holds \"2.0\", expected",
        "{'a':{'dtype':'F32','shape':[2e0],'data_offsets':[0,8]}}|shape holds \"2e0\", expected",
        "{'a':{'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,8]}}|shape holds",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}|data_offsets has not two values",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,8]}}|data_offsets has more than 2",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|bytes 8 to 0 lie outside the",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}|bytes 0 to 12 lie outside the",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}|shape [3] takes 12 bytes, not byt",
        "{'a':{'dtype':'F64','shape':[2],'data_offsets':[0,8]}}|shape [2] takes 16 bytes, not byt",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}|more elements",
        "{'a':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2]}}|more than 16 values",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|4 bytes follow the last tensor",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|tensor \"a\" follows a hole: it",
        "{}|8 bytes follow the last tensor, expected none",
        "{'__metadata__':{'a':1}}|__metadata__ \"a\" is not a string",
        "{'__metadata__':{'a':'1','a':'2'}}|__metadata__ \"a\" is there twice",
        "{'__metadata__':{},'__metadata__':{}}|__metadata__ is there twice",
        "{'a\\nb':3}|tensor \"a\\nb\" is not an object",
      })
  void damagedHeadersAreRefusedByFileAndTensor(String header, String message) throws IOException {
    refused(bytes(json(header), new byte[8]), message);
  }

  @Test
  void repeatedAndOverlappingTensorsAreRefused() throws IOException {
    byte[] data = new byte[8];
    refused(bytes("{" + F32_OF_TWO + "," + F32_OF_TWO + "}", data), "tensor \"a\" is there twice");
    refused(
        bytes("{" + F32_OF_TWO + "," + entry("b", "F32", "[1]", 4, 8) + "}", data),
        "tensor \"b\" overlaps another: it begins at byte 4, expected 8");
    refused(
        bytes(
            "{" + entry("a", "U8", "[2]", 0, 2) + "," + entry("b", "U8", "[5]", 3, 8) + "}", data),
        "tensor \"b\" follows a hole: it begins at byte 3, expected 2");
  }

  @Test
  void headersThatAreNotUtf8AreRefused() throws IOException {
    byte[] bytes = bytes("{\"a\":1}");
    bytes[10] = (byte) 0xFF;
    refused(bytes, "the header is not UTF-8");
  }

  @Test
  void longNamesAreCutInMessages() throws IOException {
    ModelFormatException e =
        refused(bytes("{\"" + "n".repeat(100_000) + "\":1}"), "is not an object");
    assertTrue(e.getMessage().length() < 400, "length " + e.getMessage().length());
  }

  @Test
  void booleansOtherThanZeroAndOneAreRefused() throws IOException {
    try (NDManager manager = NDManager.newBaseManager();
        Safetensors file =
            open(bytes("{" + entry("m", "BOOL", "[2]", 0, 2) + "}", (byte) 1, (byte) 2))) {
      ModelFormatException e =
          assertThrows(ModelFormatException.class, () -> file.read(manager, "m"));
      assertTrue(e.getMessage().endsWith("tensor \"m\": a boolean is 2, expected 0 or 1"));
    }
  }

  @Test
  void missingFilesAreNamed() {
    Path path = folder.resolve("none.safetensors");
    NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> Safetensors.open(path));
    assertEquals(path.toString(), e.getMessage());
  }

  private Safetensors open(byte[] bytes) throws IOException {
    return Safetensors.open(SafetensorsBytes.write(folder, bytes));
  }

  private ModelFormatException refused(byte[] bytes, String message) throws IOException {
    Path path = SafetensorsBytes.write(folder, bytes);
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> Safetensors.open(path), message);
    assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    return e;
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
