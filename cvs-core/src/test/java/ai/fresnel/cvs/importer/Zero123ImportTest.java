package ai.fresnel.cvs.importer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.Zero123Fixture;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pipelines and checkpoints that are damaged, of other networks or very large. */
class Zero123ImportTest {

  @TempDir Path folder;

  private static Path checkpoint() {
    return DinoImportTest.resource("zero123-tiny.ckpt");
  }

  private ImportReport imported(ImportSettings settings, Path out) throws IOException {
    return new ModelImporter(settings, (done, total) -> {}).writeTo(out);
  }

  private String refused(ImportSettings settings) {
    Path out = folder.resolve("out");
    String message =
        String.valueOf(assertThrows(IOException.class, () -> imported(settings, out)).getMessage());
    assertEquals(1, message.lines().count(), message);
    assertFalse(Files.exists(out));
    return message;
  }

  private Path copyOfThePipeline() throws IOException {
    Path copy = folder.resolve("pipeline");
    try (Stream<Path> files = Files.walk(Zero123Fixture.folder())) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(Zero123Fixture.folder().relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return copy;
  }

  @Test
  void otherPipelinesAreRefused() throws IOException {
    Path root = copyOfThePipeline();
    ImportSettings settings = ImportSettings.of(ImportKind.DIFFUSERS, root);
    String scheduler = "scheduler/scheduler_config.json";
    String[][] cases = {
      // The mistake of a converter.
      {scheduler, "0.012", "0.085", "beta_end is 0.085, expected 0.012"},
      {scheduler, "\"epsilon\"", "\"v_prediction\"", "prediction_type is \"v_prediction\""},
      {scheduler, "\"scaled_linear\"", "\"linear\"", "beta_schedule is \"linear\""},
      {scheduler, "\"leading\"", "\"linspace\"", "timestep_spacing is \"linspace\""},
      {"unet/config.json", "\"in_channels\": 8", "\"in_channels\": 4", "in_channels is 4"},
      {"unet/config.json", "UNet2DConditionModel", "UNet3DModel", "_class_name is \"UNet3DModel"},
      {"unet/config.json", "\"CrossAttnDownBlock2D\",", "\"AttnDownBlock2D\",", "down_block_types"},
      {
        "unet/config.json", "\"attention_head_dim\": 4", "\"attention_head_dim\": [4]", "an integer"
      },
      {
        "unet/config.json",
        "\"attention_head_dim\": 4",
        "\"attention_head_dim\": 5",
        "not supported"
      },
      {"unet/config.json", "\"norm_num_groups\": 4", "\"norm_num_groups\": 3", "not supported"},
      {"unet/config.json", "\"layers_per_block\": 2", "\"layers_per_block\": 1", "unexpected ("},
      {"unet/config.json", "\"sample_size\": 8", "\"sample_size\": 100000", "not supported"},
      {"vae/config.json", "\"latent_channels\": 4", "\"latent_channels\": 16", "in_channels is 8"},
      {"image_encoder/config.json", "quick_gelu", "gelu", "hidden_act is \"gelu\""},
      {"image_encoder/config.json", "\"image_size\": 56", "\"image_size\": 70", "position_embed"},
      {"cc_projection/config.json", "28", "772", "in_channel is 772, expected 28"},
    };
    for (String[] one : cases) {
      Path file = root.resolve(one[0]);
      String sound = Files.readString(file);
      assertTrue(sound.contains(one[1]), one[1]);
      Files.writeString(file, sound.replace(one[1], one[2]));
      String message = refused(settings);
      assertTrue(message.contains(one[3]) && message.startsWith(root.toString()), message);
      Files.writeString(file, sound);
    }
    Path file = root.resolve(scheduler);
    String sound = Files.readString(file);
    Files.writeString(file, sound.replace("0.00085", "0.02").replace("0.012", "0.085"));
    assertTrue(refused(settings).contains("betas from 0.02 to 0.085: a converter is known"));
    Files.writeString(file, sound);

    Path weights = root.resolve("vae").resolve("diffusion_pytorch_model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(bytes, bytes.length - 1));
    assertTrue(refused(settings).startsWith(weights + ": "));
    Files.delete(weights);
    assertTrue(refused(settings).contains("expected one of model.safetensors"));
    Files.write(weights, bytes);
    imported(settings, folder.resolve("sound"));
    assertTrue(refused(ImportSettings.of(ImportKind.DIFFUSERS, checkpoint())).contains(".ckpt"));
  }

  /** Damage anywhere in the pickle's first part is refused on one line, or does not matter. */
  @Test
  void damagedCheckpointsAreRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(checkpoint());
    Path damaged = folder.resolve("damaged.ckpt");
    ImportSettings settings =
        ImportSettings.of(ImportKind.ZERO123, damaged).withDescription(Zero123Fixture.folder());
    int pickle = indexOf(bytes, "state_dict");
    for (int i = 0; i < 60; i++) {
      byte[] changed = bytes.clone();
      changed[pickle + 7 * i] ^= (byte) (1 << i % 8);
      Files.write(damaged, changed);
      try {
        imported(settings, folder.resolve("read"));
      } catch (IOException e) {
        assertEquals(1, String.valueOf(e.getMessage()).lines().count(), e.getMessage());
      }
    }
    Files.write(damaged, Arrays.copyOf(bytes, bytes.length / 2));
    assertTrue(refused(settings).startsWith(damaged + ": no sound zip archive"));
    // Half precision's infinity where a weight was.
    byte[] infinite = bytes.clone();
    int weight = dataOf("cc_projection.bias");
    infinite[weight] = 0;
    infinite[weight + 1] = 0x7c;
    Files.write(damaged, infinite);
    assertTrue(refused(settings).contains("\"cc_projection.bias\" holds NaN or infinity"));
    // Betas of another schedule.
    byte[] betas = bytes.clone();
    ByteBuffer.wrap(betas)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(dataOf("betas") + 999 * 4, 0.085f);
    Files.write(damaged, betas);
    String noise = refused(settings);
    assertTrue(
        noise.contains("1000 betas from 8.50") && noise.contains("to 0.085, expected"), noise);
  }

  /** Storages are numbered in the order of the names. */
  private static int dataOf(String name) throws IOException {
    String key = name.equals("betas") ? "0" : "1651";
    byte[] bytes = Files.readAllBytes(checkpoint());
    int header = indexOf(bytes, "zero123-tiny/data/" + key + (key.equals("0") ? "FB" : ""));
    int local = header - 30;
    int nameLength = bytes[local + 26] & 0xff;
    int extra = (bytes[local + 28] & 0xff) | (bytes[local + 29] & 0xff) << 8;
    return local + 30 + nameLength + extra;
  }

  private static int indexOf(byte[] bytes, String text) {
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    return all.indexOf(text);
  }

  /**
   * A checkpoint of 6 GB, most of it the state of an optimiser, whose tensors lie behind it. The
   * file is sparse: it takes two megabytes of the disk.
   */
  @Test
  void largeCheckpointsAreReadInParts() throws IOException {
    Path large = folder.resolve("large.ckpt");
    long hole = 6L << 30;
    SparseZip.write(large, entries(), hole);
    assertTrue(Files.size(large) > hole);
    ImportSettings settings =
        ImportSettings.of(ImportKind.ZERO123, large).withDescription(Zero123Fixture.folder());
    List<Integer> progress = new ArrayList<>();
    ImportReport report =
        new ModelImporter(settings, (done, total) -> progress.add(done * 1000 / total))
            .writeTo(folder.resolve("large"));
    assertEquals(906, report.arrays());
    assertEquals(906, progress.size());
    assertEquals(1000, progress.get(905));
    ImportSettings small =
        ImportSettings.of(ImportKind.ZERO123, checkpoint())
            .withDescription(Zero123Fixture.folder());
    imported(small, folder.resolve("small"));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("small").resolve("model.safetensors")),
        Files.readAllBytes(folder.resolve("large").resolve("model.safetensors")));
  }

  /** The fixture's entries, with one storage more in the pickle. */
  private static List<SparseZip.Entry> entries() throws IOException {
    List<SparseZip.Entry> entries = new ArrayList<>();
    try (ZipFile zip = new ZipFile(checkpoint().toFile())) {
      for (ZipEntry entry : zip.stream().map(e -> (ZipEntry) e).toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          byte[] bytes = in.readAllBytes();
          if (entry.getName().endsWith("/data.pkl")) {
            bytes = withOptimizer(bytes, (6L << 30) / 4);
          }
          entries.add(new SparseZip.Entry(entry.getName(), bytes));
        }
      }
    }
    return entries;
  }

  /** Adds a tensor of so many values in storage "hole" to the outermost dictionary. */
  private static byte[] withOptimizer(byte[] pickle, long values) {
    byte[] number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(values).array();
    String count = "\u008a\u0008" + new String(number, StandardCharsets.ISO_8859_1);
    String tensor =
        "X\u0005\0\0\0adam2ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\n"
            + "FloatStorage\nX\u0004\0\0\0holeX\u0003\0\0\0cpu"
            + count
            + "tQK\u0000"
            + count
            + "\u0085K\u0001\u0085\u0089ccollections\nOrderedDict\n)RtR";
    String whole = new String(pickle, StandardCharsets.ISO_8859_1);
    // The pickle ends by setting the items of the dictionary.
    assertTrue(whole.endsWith("u."));
    return (whole.substring(0, whole.length() - 2) + tensor + "u.")
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
