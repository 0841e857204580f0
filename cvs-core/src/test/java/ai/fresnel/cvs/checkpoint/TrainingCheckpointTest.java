package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of training frameworks: a state dictionary among other objects. */
class TrainingCheckpointTest {

  private static final String CLASS = "cpytorch_lightning.callbacks\nModelCheckpoint\n";

  /** The state dictionary with a tensor of two values. */
  private static final String STATE =
      "U\nstate_dict}U\u0001actorch._utils\n_rebuild_tensor_v2\n((U\u0007storagectorch\nHalfStorage\n"
          + "U\u00010U\u0003cpuK\u0002tQK\u0000K\u0002\u0085K\u0001\u0085\u0089"
          + "ccollections\nOrderedDict\n)RtRss";

  @TempDir Path folder;

  private Path write(String pickle) throws IOException {
    Path path = folder.resolve("run.ckpt");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      store(zip, "run/data.pkl", ("\u0080\u0002}" + pickle + "."));
      // 1 and -2 in half precision, little-endian.
      store(zip, "run/data/0", "\u0000<\u0000\u00c0");
    }
    return path;
  }

  private static void store(ZipOutputStream zip, String name, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
  }

  private String refused(String pickle) throws IOException {
    Path path = write(pickle);
    String message =
        assertThrows(ModelFormatException.class, () -> WeightFile.openTraining(path).close())
            .getMessage();
    assertTrue(message.startsWith(path + ": "), message);
    assertEquals(1, message.lines().count(), message);
    return message.substring(path.toString().length() + 2);
  }

  private void isRead(String pickle) throws IOException {
    Path path = write(pickle);
    try (WeightFile file = WeightFile.openTraining(path);
        NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      assertEquals(Set.of("a"), file.names());
      assertEquals(DataType.FLOAT16, file.dataType("a"));
      assertArrayEquals(new float[] {1, -2}, file.read(manager, "a").toFloatArray());
    }
  }

  @Test
  void theStateDictionaryIsFoundAmongOtherObjects() throws IOException {
    isRead(STATE);
    // A class as a key, and one with a state of its own.
    isRead("U\tcallbacks}" + CLASS + "}ss" + STATE);
    isRead("U\tcallbacks" + CLASS + ")\u0081}U\u0001xK\u0001sbs" + STATE);
    // A class that is named and not called may be any.
    isRead("U\u0001xcmy.project\nModel\ns" + STATE);
    // Keys of other kinds, a list that contains itself, numbers of numpy.
    isRead("U\u0001x}K\u0001\u0085K\u0002sNK\u0003ss" + STATE);
    isRead("U\u0001x]q\u0001h\u0001as" + STATE);
    isRead("U\u0001xcnumpy.core.multiarray\nscalar\n)Rs" + STATE);
    // Frameworks that subclass dictionaries and lists fill them.
    isRead("U\u0001xcomegaconf.listconfig\nListConfig\n)\u0081K\u0001as" + STATE);
    isRead("U\u0001xcomegaconf.dictconfig\nDictConfig\n)\u0081K\u0001K\u0002ss" + STATE);
  }

  @Test
  void whatIsCalledIsRefusedAndNotRun() throws IOException {
    Path trace = folder.resolve("trace");
    String command = "touch " + trace;
    for (String function :
        new String[] {"posix\nsystem", "__builtin__\neval", "torch\nload", "runpy\nrun_path"}) {
      String call = "U\u0001xc" + function + "\n(U" + (char) command.length() + command + "tRs";
      String name = function.replace('\n', '.');
      assertEquals(
          "calls \"" + name + "\", which no checkpoint needs; it was not run",
          refused(call + STATE));
      assertTrue(refused(call.replace("tR", "t\u0081") + STATE).startsWith("calls \"" + name));
    }
    assertFalse(Files.exists(trace));
  }

  @Test
  void otherObjectsAreNoState() throws IOException {
    assertEquals(
        "holds \"my.Model\", expected a state dictionary", refused("U\nstate_dictcmy\nModel\ns"));
    assertEquals(
        "entry \"epoch\" is a number, expected a tensor: not a state dictionary alone",
        refused("U\u0005epochK\u0003s"));
    assertEquals(
        "entry \"a\" is a dictionary, expected a tensor: not a state dictionary alone",
        refused("U\nstate_dict}U\u0001a}ss"));
    // A file of weights alone may not even name a class.
    Path path = write("U\tcallbacks}" + CLASS + "}ss" + STATE);
    String strict =
        assertThrows(ModelFormatException.class, () -> WeightFile.open(path).close()).getMessage();
    assertTrue(strict.contains("names \"pytorch_lightning.callbacks.ModelCheckpoint\""), strict);
  }

  /** Storages that together are larger than their file lie over each other. */
  @Test
  void overlappingStoragesAreRefused() throws IOException {
    StringBuilder pickle = new StringBuilder();
    Path path = folder.resolve("overlap.ckpt");
    int count = 4;
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      for (int i = 0; i < count; i++) {
        pickle
            .append("U\u0001")
            .append(i)
            .append("(U\u0007storagectorch\nByteStorage\nU\u0001")
            .append(i)
            .append("U\u0003cpuJ\u0000\u0000\u0010\u0000tQs");
      }
      store(zip, "run/data.pkl", "\u0080\u0002}" + pickle + ".");
      store(zip, "run/data/0", "\0".repeat(1 << 20));
      for (int i = 1; i < count; i++) {
        store(zip, "run/data/" + i, "");
      }
    }
    pointAllAtTheFirst(path, count);
    String message =
        assertThrows(ModelFormatException.class, () -> WeightFile.openTraining(path).close())
            .getMessage();
    assertTrue(message.contains("storages overlap: they have more than the "), message);
  }

  /** Rewrites the central directory: every storage has the size and the place of the first. */
  private static void pointAllAtTheFirst(Path path, int count) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = file.getInt(bytes.length - 22 + 16);
    int offset = 0;
    for (int i = 0; i <= count; i++) {
      int nameLength = file.getShort(at + 28);
      if (i == 1) {
        offset = file.getInt(at + 42);
      } else if (i > 1) {
        file.putInt(at + 20, 1 << 20).putInt(at + 24, 1 << 20).putInt(at + 42, offset);
      }
      at += 46 + nameLength + file.getShort(at + 30) + file.getShort(at + 32);
    }
    Files.write(path, bytes);
  }
}
