package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.ArrayTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriteTest extends ArrayTest {
  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void open() {
    path = folder.resolve("x.safetensors");
  }

  @Test
  void bytesAreWhatTheFormatSays() throws IOException {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    tensors.put("b", manager.create(new byte[] {1, -1}));
    tensors.put("a", manager.create(new float[] {1, -2}, new Shape(2, 1)));
    Safetensors.write(path, tensors, Map.of("k", "v"));
    String header =
        SafetensorsBytes.json(
            "{'__metadata__':{'k':'v'},'a':{'dtype':'F32','shape':[2,1],'data_offsets':[0,8]},"
                + "'b':{'dtype':'I8','shape':[2],'data_offsets':[8,10]}}");
    String padded = header + " ".repeat((8 - header.length() % 8) % 8);
    byte[] expected =
        SafetensorsBytes.bytes(
            padded, new byte[] {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, (byte) 0xC0, 1, -1});
    assertEquals(
        new String(expected, StandardCharsets.ISO_8859_1),
        new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1));
    assertEquals(0, padded.length() % 8);
  }

  @Test
  void arraysOfEveryTypeComeBack() throws IOException {
    Map<String, NDArray> tensors =
        Map.of(
            "f64", manager.create(new double[] {Math.E, Double.NaN}),
            "f32", manager.create(new float[] {1, Float.NEGATIVE_INFINITY}),
            "f16", manager.create(new float[] {0.5f, 2}).toType(DataType.FLOAT16, true),
            "i64", manager.create(new long[] {Long.MIN_VALUE}),
            "i32", manager.create(new int[] {-9}),
            "i8", manager.create(new byte[] {-9}),
            "u8", manager.create(new int[] {250}).toType(DataType.UINT8, true),
            "bool", manager.create(new boolean[] {true, false}),
            "scalar", manager.create(4.5f),
            "empty", manager.create(new Shape(0, 3)));
    Safetensors.write(path, tensors, Map.of());
    try (Safetensors file = Safetensors.open(path)) {
      assertEquals(tensors.keySet(), file.names());
      assertEquals(Map.of(), file.metadata());
      for (String name : tensors.keySet()) {
        NDArray written = tensors.get(name);
        NDArray read = file.read(manager, name);
        assertEquals(written.getDataType(), read.getDataType(), name);
        assertEquals(written.getShape(), read.getShape(), name);
        if (written.size() > 0) {
          assertArrayEquals(bytes(written), bytes(read), name);
        }
      }
    }
  }

  @Test
  void transposedArraysAreStoredByTheirShapeNotTheirMemory() throws IOException {
    NDArray array = manager.arange(6f).reshape(2, 3).transpose();
    Safetensors.write(path, Map.of("a", array), Map.of());
    try (Safetensors file = Safetensors.open(path)) {
      assertEquals(array, file.read(manager, "a"));
      assertEquals(new Shape(3, 2), file.shape("a"));
    }
  }

  @Test
  void parametersUnderTrainingCanBeStored() throws IOException {
    NDArray array = manager.create(new float[] {1, 2});
    array.setRequiresGradient(true);
    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Safetensors.write(path, Map.of("a", array), Map.of());
      collector.backward(array.mul(array).sum());
    }
    assertArrayEquals(new float[] {2, 4}, array.getGradient().toFloatArray());
    try (Safetensors file = Safetensors.open(path)) {
      assertArrayEquals(new float[] {1, 2}, file.read(manager, "a").toFloatArray());
    }
  }

  @Test
  void equalInputGivesEqualBytes() throws IOException {
    Map<String, NDArray> forward = new LinkedHashMap<>();
    Map<String, NDArray> backward = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      forward.put("w" + i, manager.create(new float[] {i}));
      backward.put("w" + (19 - i), manager.create(new float[] {19 - i}));
    }
    Safetensors.write(path, forward, Map.of("a", "1", "b", "2"));
    byte[] first = Files.readAllBytes(path);
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("b", "2");
    metadata.put("a", "1");
    Safetensors.write(path, backward, metadata);
    assertArrayEquals(first, Files.readAllBytes(path));
  }

  @Test
  void awkwardNamesComeBack() throws IOException {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    for (String name : List.of("", "a\"b\\c", "line\nbreak", "Größe.重み", "<html>&'\u2028")) {
      tensors.put(name, manager.create(name.length()));
    }
    Safetensors.write(path, tensors, Map.of("", "\t"));
    try (Safetensors file = Safetensors.open(path)) {
      assertEquals(tensors.keySet(), file.names());
      assertEquals("\t", file.metadata().get(""));
      assertEquals(8, file.read(manager, "Größe.重み").getInt());
    }
  }

  @Test
  void unsupportedArraysAreRefusedAndTheOldFileStays() throws IOException {
    NDArray array = manager.create(1f);
    Safetensors.write(path, Map.of("a", array), Map.of());
    byte[] before = Files.readAllBytes(path);
    refused(Map.of("__metadata__", array), "a tensor cannot be called __metadata__");
    refused(Map.of("lone \uD800", array), "a name is not well-formed Unicode");
    refused(
        Map.of("c", manager.create("text")),
        "tensor \"c\" is of type string, which safetensors files do not hold");
    assertArrayEquals(before, Files.readAllBytes(path));
    assertEquals(List.of(path), list());
  }

  @Test
  void aFailureWhileWritingLeavesTheOldFileAndNoOther() throws IOException {
    AtomicFiles.write(path, "old");
    assertThrows(
        IOException.class,
        () ->
            AtomicFiles.write(
                path,
                channel -> {
                  channel.write(ByteBuffer.wrap(new byte[100]));
                  throw new IOException("disk full");
                }));
    assertEquals("old", Files.readString(path));
    assertEquals(List.of(path), list());
  }

  @Test
  void missingFoldersAreNamed() {
    Path inNone = folder.resolve("none").resolve("x.safetensors");
    IOException e =
        assertThrows(IOException.class, () -> Safetensors.write(inNone, Map.of(), Map.of()));
    assertTrue(e.getMessage().contains(folder.resolve("none").toString()), e.getMessage());
  }

  @Test
  void memoryInPiecesIsTheMemoryInOrder() throws IOException {
    NDArray array = manager.arange(10f).reshape(2, 5);
    StringBuilder seen = new StringBuilder();
    ArrayMemory.visit(
        array,
        4,
        (memory, first) -> {
          seen.append(first).append(':');
          while (memory.hasRemaining()) {
            seen.append((int) memory.getFloat()).append(memory.hasRemaining() ? "," : " ");
          }
        });
    assertEquals("0:0,1,2,3 4:4,5,6,7 8:8,9 ", seen.toString());
    ArrayMemory.visit(array, 4, (memory, first) -> memory.putFloat(0, (float) (-first - 1)));
    assertArrayEquals(new float[] {-1, 1, 2, 3, -5, 5, 6, 7, -9, 9}, array.toFloatArray());
  }

  private void refused(Map<String, NDArray> tensors, String message) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Safetensors.write(path, tensors, Map.of()));
    assertEquals(message, e.getMessage());
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static byte[] bytes(NDArray array) {
    ByteBuffer buffer = array.toByteBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
