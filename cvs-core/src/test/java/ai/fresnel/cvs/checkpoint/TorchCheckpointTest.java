package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of {@code make_checkpoints.py}, which torch itself wrote or read back. */
class TorchCheckpointTest {

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());

  @TempDir Path folder;

  @AfterEach
  void close() {
    manager.close();
  }

  static Path resource(String name) throws Exception {
    return Path.of(TorchCheckpointTest.class.getResource(name).toURI());
  }

  private static final class Expected {
    final Shape shape;
    final float[] values;

    Expected(Shape shape, double... numbers) {
      this.shape = shape;
      values = new float[numbers.length];
      for (int i = 0; i < numbers.length; i++) {
        values[i] = (float) numbers[i];
      }
    }
  }

  private static Map<String, Expected> state() {
    double[] base = new double[20];
    for (int i = 0; i < base.length; i++) {
      base[i] = i;
    }
    double[] halves = {0, -0.0, 1.5, -65504, 0x1p-14, 0x1p-24, 3 * 0x1p-20, 1 / 0.0, Double.NaN};
    Map<String, Expected> state = new LinkedHashMap<>();
    state.put("float", new Expected(new Shape(2, 3), 0, 0.25, 0.5, 0.75, 1, 1.25));
    state.put("transposed", new Expected(new Shape(4, 3), 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
    state.put("base", new Expected(new Shape(20), base));
    state.put("view", new Expected(new Shape(2, 3), 5, 6, 7, 8, 9, 10));
    state.put("parameter", new Expected(new Shape(2), 2, 3));
    state.put("double", new Expected(new Shape(2), 1 / 3.0, -2.5));
    state.put("half", new Expected(new Shape(9), halves));
    state.put("bfloat16", new Expected(new Shape(3), 1.5, -3, 0x1p100));
    state.put("long", new Expected(new Shape(), -0x1p40));
    state.put("int", new Expected(new Shape(2), -7, 8));
    state.put("short", new Expected(new Shape(2), -300, 300));
    state.put("char", new Expected(new Shape(2), -128, 127));
    state.put("byte", new Expected(new Shape(2), 0, 255));
    state.put("bool", new Expected(new Shape(2), 1, 0));
    state.put("empty", new Expected(new Shape(0, 3)));
    return state;
  }

  private void holds(WeightFile file, Map<String, Expected> state) throws IOException {
    assertEquals(List.copyOf(state.keySet()), List.copyOf(file.names()));
    for (Map.Entry<String, Expected> entry : state.entrySet()) {
      String name = entry.getKey();
      Shape shape = entry.getValue().shape;
      assertEquals(shape, file.shape(name), name);
      NDArray array = file.read(manager, name);
      assertEquals(shape, array.getShape(), name);
      assertEquals(DataType.FLOAT32, array.getDataType(), name);
      if (shape.size() > 0) {
        assertArrayEquals(entry.getValue().values, array.toFloatArray(), name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zip.pth", "legacy.pth"})
  void everyKindOfTensor(String name) throws Exception {
    try (WeightFile file = WeightFile.open(resource(name))) {
      holds(file, state());
      assertEquals(resource(name).toString(), file.toString());
      assertThrows(NoSuchElementException.class, () -> file.shape("other"));
      assertThrows(NoSuchElementException.class, () -> file.read(manager, "other"));
    }
  }

  /** Tensors filled by their state, Parameters around them, and a storage that is part of one. */
  @Test
  void theOldestFiles() throws Exception {
    Map<String, Expected> state = new LinkedHashMap<>();
    state.put("parameter", new Expected(new Shape(2, 3), 2, 3, 4, 5, 6, 7));
    state.put("again", new Expected(new Shape(2, 3), 2, 3, 4, 5, 6, 7));
    state.put("rebuilt", new Expected(new Shape(2), 1, 3));
    try (WeightFile file = WeightFile.open(resource("oldest.pth"))) {
      holds(file, state);
    }
  }

  /** A header of 640 bytes makes the file begin with the bytes of a pickle. */
  @Test
  void safetensorsAreKnownByTheirHeader() throws Exception {
    String header = "{\"a\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]}}";
    byte[] bytes = new byte[8 + 640 + 16];
    Arrays.fill(bytes, (byte) ' ');
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(text, 0, bytes, 8, text.length);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0, 640)
        .putDouble(648, 0.5)
        .putDouble(656, -3);
    assertEquals((byte) Pickle.PROTO, bytes[0]);
    Path path = folder.resolve("a.safetensors");
    Files.write(path, bytes);
    try (WeightFile file = WeightFile.open(path)) {
      holds(file, Map.of("a", new Expected(new Shape(2), 0.5, -3)));
    }
  }

  /** A file that is cut off anywhere is refused on one line. */
  @ParameterizedTest
  @ValueSource(strings = {"zip.pth", "legacy.pth", "oldest.pth"})
  void cutFilesAreRefused(String name) throws Exception {
    byte[] bytes = Files.readAllBytes(resource(name));
    Path cut = folder.resolve("cut.pth");
    for (int length = 0; length < bytes.length; length += length < 300 ? 1 : 13) {
      Files.write(cut, Arrays.copyOf(bytes, length));
      String message = assertThrows(IOException.class, () -> readAll(cut)).getMessage();
      assertTrue(message.startsWith(cut + ": ") && message.lines().count() == 1, message);
    }
  }

  /** For any changed byte, the file is read, or refused on one line. */
  @ParameterizedTest
  @ValueSource(strings = {"zip.pth", "legacy.pth", "oldest.pth"})
  void damagedFilesAreReadOrRefused(String name) throws Exception {
    byte[] bytes = Files.readAllBytes(resource(name));
    Path damaged = folder.resolve("damaged.pth");
    int refused = 0;
    for (int i = 0; i < bytes.length; i += 3) {
      byte before = bytes[i];
      bytes[i] ^= (byte) (i % 2 == 0 ? 0xff : 1 << i % 8);
      Files.write(damaged, bytes);
      bytes[i] = before;
      try {
        readAll(damaged);
      } catch (IOException e) {
        refused++;
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      }
    }
    assertTrue(refused > bytes.length / 20, refused + " were refused");
  }

  private void readAll(Path path) throws IOException {
    try (NDManager sub = manager.newSubManager();
        WeightFile file = WeightFile.open(path)) {
      for (String name : file.names()) {
        file.read(sub, name);
      }
    }
  }
}
