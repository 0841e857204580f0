package ai.fresnel.cvs.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ArrayTest;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest extends ArrayTest {
  private static final Provenance PROVENANCE = ProvenanceTest.example().build();

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void open() {
    path = folder.resolve("models").resolve("tiny");
  }

  @Test
  void aModelComesBack() throws IOException {
    write(3);
    assertEquals(List.of("config.json", "model.safetensors", "provenance.json"), names(path));
    assertEquals(List.of("tiny"), names(path.getParent()));
    try (ModelFolder model = ModelFolder.open(path)) {
      assertEquals(path, model.path());
      assertEquals(ModelConfig.tiny64(), model.config());
      assertEquals(PROVENANCE, model.provenance());
      assertEquals(weights(3).keySet(), model.weights().names());
      assertEquals(Map.of("format", "pt"), model.weights().metadata());
    }
    assertEquals(3, value(path));
  }

  @Test
  void equalModelsAreEqualFiles() throws IOException {
    write(3);
    Path other = folder.resolve("other");
    ModelFolder.write(other, ModelConfig.tiny64(), weights(3), PROVENANCE);
    for (String name : names(path)) {
      assertArrayEquals(
          Files.readAllBytes(path.resolve(name)), Files.readAllBytes(other.resolve(name)), name);
    }
  }

  @Test
  void anOlderModelIsReplacedWhole() throws IOException {
    write(3);
    try (ModelFolder older = ModelFolder.open(path)) {
      write(4);
      // What was opened before stays readable.
      assertEquals(3, older.weights().read(manager, "head.bias").getFloat());
    }
    assertEquals(4, value(path));
    assertEquals(List.of("tiny"), names(path.getParent()));
  }

  @Test
  void aFailedWriteLeavesTheOlderModel() throws IOException {
    write(3);
    Map<String, NDArray> unstorable = Map.of("text", manager.create("text"));
    assertThrows(
        IllegalArgumentException.class,
        () -> ModelFolder.write(path, ModelConfig.tiny64(), unstorable, PROVENANCE));
    assertEquals(3, value(path));
    assertEquals(List.of("tiny"), names(path.getParent()));
  }

  @Test
  void foldersOfOtherKindsAreNeverReplaced() throws IOException {
    write(3);
    Files.writeString(path.resolve("thesis.txt"), "years of work");
    IOException e = assertThrows(IOException.class, () -> write(4));
    assertTrue(e.getMessage().contains("thesis.txt, which is no file of a model folder"));
    assertEquals("years of work", Files.readString(path.resolve("thesis.txt")));
    assertEquals(3, value(path));
    path = folder.resolve("file");
    Files.writeString(path, "x");
    assertThrows(NotDirectoryException.class, () -> write(4));
  }

  @Test
  void throughASymbolicLinkItsTargetIsReplaced() throws IOException {
    write(3);
    Path real = path;
    path = Files.createSymbolicLink(folder.resolve("link"), real);
    write(4);
    assertTrue(Files.isSymbolicLink(path));
    assertEquals(4, value(real));
  }

  @Test
  void aCrashBetweenTheRenamesIsRecovered() throws IOException {
    write(3);
    Files.move(path, path.resolveSibling(".tiny.old"));
    write(4);
    Path old = path.resolveSibling(".tiny.old");
    assertEquals(4, value(path), "a write after a crash with only the old folder left");

    Files.move(path, path.resolveSibling(".tiny.new"));
    write(3, old);
    NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> ModelFolder.open(path));
    assertTrue(e.getMessage().startsWith(path + ": a write of this model folder was cut off"));
    ModelFolder.recover(path);
    assertEquals(4, value(path), "the newer of two complete folders");
    assertEquals(List.of("tiny"), names(path.getParent()));
  }

  @Test
  void leftoversOfACrashAreRemoved() throws IOException {
    write(3);
    Path fresh = Files.createDirectory(path.resolveSibling(".tiny.new"));
    Files.writeString(fresh.resolve(".model.safetensors.half"), "half");
    write(5, path.resolveSibling(".tiny.old"));
    ModelFolder.recover(path);
    assertEquals(3, value(path));
    assertEquals(List.of("tiny"), names(path.getParent()));
    ModelFolder.recover(path);
    assertEquals(3, value(path));
    ModelFolder.recover(folder.resolve("nothing"));
    assertFalse(Files.exists(folder.resolve("nothing")));
  }

  @Test
  void missingAndDamagedFilesAreNamed() throws IOException {
    NoSuchFileException none =
        assertThrows(NoSuchFileException.class, () -> ModelFolder.open(path));
    assertEquals(path + ": expected a model folder", none.getMessage());
    for (String name : List.of("config.json", "model.safetensors", "provenance.json")) {
      write(3);
      Path file = path.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, new byte[] {'{', '"', (byte) 0xFF, 1, 2, 3, 4, 5, 6});
      refused(file + ": ");
      Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 5));
      refused(file + ": ");
      Files.delete(file);
      NoSuchFileException e = assertThrows(NoSuchFileException.class, () -> ModelFolder.open(path));
      assertEquals(file.toString(), e.getMessage());
    }
  }

  @Test
  void oversizedTextsAreRefused() throws IOException {
    write(3);
    Files.write(path.resolve("config.json"), new byte[(1 << 24) + 1]);
    refused("longer than 16777216 bytes");
  }

  @Test
  void weightsThatDoNotFitAreListed() throws IOException {
    write(3);
    Map<String, NDArray> parameters = new TreeMap<>(weights(0));
    parameters.remove("head.bias");
    parameters.put("blocks.0.weight", manager.zeros(new Shape(3, 2)));
    parameters.put("steps", manager.zeros(new Shape(2)));
    for (int i = 0; i < 6; i++) {
      parameters.put("extra." + i, manager.zeros(new Shape(1)));
    }
    try (ModelFolder model = ModelFolder.open(path)) {
      ModelFormatException e =
          assertThrows(ModelFormatException.class, () -> model.load(parameters));
      assertEquals(
          path.resolve("model.safetensors")
              + " does not fit the network: 6 missing (\"extra.0\", \"extra.1\", \"extra.2\","
              + " \"extra.3\" and 2 more); 1 unexpected (\"head.bias\"); 2 different"
              + " (\"blocks.0.weight\" has shape (2, 3), expected (3, 2), \"steps\" is int64,"
              + " expected float32)",
          e.getMessage());
    }
    assertEquals(0, parameters.get("norm").getFloat(0), "nothing is copied when something differs");
  }

  private void refused(String message) {
    ModelFormatException e = assertThrows(ModelFormatException.class, () -> ModelFolder.open(path));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private void write(float value) throws IOException {
    write(value, path);
  }

  private void write(float value, Path target) throws IOException {
    ModelFolder.write(target, ModelConfig.tiny64(), weights(value), PROVENANCE);
  }

  private Map<String, NDArray> weights(float value) {
    return Map.of(
        "blocks.0.weight", manager.full(new Shape(2, 3), value),
        "norm", manager.full(new Shape(4), value),
        "head.bias", manager.create(value),
        "steps", manager.create(new long[] {1, 2}));
  }

  private float value(Path target) throws IOException {
    Map<String, NDArray> parameters = weights(-1);
    try (ModelFolder model = ModelFolder.open(target)) {
      model.load(parameters);
    }
    float value = parameters.get("norm").getFloat(0);
    assertEquals(manager.full(new Shape(2, 3), value), parameters.get("blocks.0.weight"));
    assertEquals(value, parameters.get("head.bias").getFloat());
    return value;
  }

  private static List<String> names(Path target) throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
