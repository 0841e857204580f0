package ai.fresnel.cvs.importer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.codec.KlVae;
import ai.fresnel.cvs.codec.LatentCodec;
import ai.fresnel.cvs.codec.TinyVae;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.PartConfig;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds imported autoencoders against the references' images. */
@SuppressWarnings("try") // the handle of the gradient mode is only closed
class AutoencoderImportTest {

  @TempDir Path folder;

  private static Path pipeline() {
    return Zero123Fixture.folder();
  }

  private Path imported(ImportSettings settings, String name) throws IOException {
    Path out = folder.resolve(name);
    new ModelImporter(settings, (done, total) -> {}).writeTo(out);
    return out;
  }

  private String refused(ImportSettings settings) {
    Path out = folder.resolve("out");
    ModelImporter importer = new ModelImporter(settings, (done, total) -> {});
    String message =
        String.valueOf(assertThrows(IOException.class, () -> importer.writeTo(out)).getMessage());
    assertEquals(1, message.lines().count(), message);
    assertFalse(Files.exists(out));
    return message;
  }

  private static LatentCodec codec(Zero123Fixture fixture, Path part) throws IOException {
    try (PartFolder opened = PartFolder.open(part)) {
      AutoencoderConfig shape = ((PartConfig.Autoencoder) opened.config()).shape();
      LatentCodec codec =
          shape instanceof AutoencoderConfig.KlVae kl
              ? new KlVae(kl, Precision.FLOAT32)
              : new TinyVae((AutoencoderConfig.Taesd) shape, Precision.FLOAT32);
      Weights.initialize(codec, fixture.manager(), 0);
      opened.load(Weights.arrays(codec));
      return codec;
    }
  }

  /** A folder of diffusers, a pipeline and a checkpoint of latent diffusion hold the same. */
  @Test
  void theVaeIsTheSameFromEveryFile() throws IOException {
    Path one = imported(ImportSettings.of(ImportKind.VAE, pipeline().resolve("vae")), "diffusers");
    Path whole = imported(ImportSettings.of(ImportKind.VAE, pipeline()), "pipeline");
    Path checkpoint = DinoImportTest.resource("zero123-tiny.ckpt");
    Path ldm =
        imported(ImportSettings.of(ImportKind.VAE, checkpoint).withDescription(pipeline()), "ldm");
    for (Path other : new Path[] {whole, ldm}) {
      for (String file : new String[] {"model.safetensors", "part.json"}) {
        assertEquals(-1, Files.mismatch(one.resolve(file), other.resolve(file)), file);
      }
    }
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      LatentCodec codec = codec(fixture, ldm);
      NDArray states = fixture.read("vae.z").mul(0.18215f);
      fixture.isClose("vae.decoded", codec.decode(states), 2e-5);
      NDArray mode = codec.encode(fixture.read("photo")).div(0.18215f);
      fixture.isClose("vae.mode", mode, 2e-5);
    }
  }

  @Test
  void taesdDecodesWhatTheReferenceDoes() throws IOException {
    Path part = imported(ImportSettings.of(ImportKind.TAESD, pipeline()), "taesd");
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        PartFolder opened = PartFolder.open(part)) {
      assertEquals("taesd", opened.config().name());
      LatentCodec codec = codec(fixture, part);
      fixture.isClose("taesd.encoded", codec.encode(fixture.read("photo")), 1e-4);
      fixture.isClose("taesd.decoded", codec.decode(fixture.read("vae.z")), 1e-4);
    }
  }

  /** Before 0.18 diffusers had other names for the attention in the middle. */
  @Test
  void olderNamesAreRead() throws IOException {
    Path old = Files.createDirectory(folder.resolve("old"));
    Path source = pipeline().resolve("vae");
    Files.copy(source.resolve("config.json"), old.resolve("config.json"));
    String file = "diffusion_pytorch_model.safetensors";
    try (Zero123Fixture fixture = new Zero123Fixture();
        Safetensors today = Safetensors.open(source.resolve(file))) {
      Map<String, NDArray> renamed = new LinkedHashMap<>();
      for (String name : today.names()) {
        String older =
            name.replace("attentions.0.to_q.", "attentions.0.query.")
                .replace("attentions.0.to_k.", "attentions.0.key.")
                .replace("attentions.0.to_v.", "attentions.0.value.")
                .replace("attentions.0.to_out.0.", "attentions.0.proj_attn.");
        renamed.put(older, today.read(fixture.manager(), name));
      }
      assertTrue(renamed.containsKey("decoder.mid_block.attentions.0.query.weight"));
      Safetensors.write(old.resolve(file), renamed, Map.of());
    }
    Path one = imported(ImportSettings.of(ImportKind.VAE, source), "today");
    Path other = imported(ImportSettings.of(ImportKind.VAE, old), "older");
    String weights = "model.safetensors";
    assertEquals(-1, Files.mismatch(one.resolve(weights), other.resolve(weights)));
  }

  @Test
  void otherAutoencodersAreRefused() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Path source = pipeline().resolve("vae");
    String file = "diffusion_pytorch_model.safetensors";
    Files.copy(source.resolve(file), other.resolve(file));
    String config = Files.readString(source.resolve("config.json"));
    String[][] cases = {
      {
        "\"latent_channels\": 4",
        "\"latent_channels\": 16",
        "of another shape (\"decoder.conv_in.weight\" has (16, 4, 3, 3), expected (16, 16, 3, 3)"
      },
      {"\"in_channels\": 3", "\"in_channels\": 4", "in_channels is 4, expected 3"},
      {"\"AutoencoderKL\"", "\"VQModel\"", "_class_name is \"VQModel\""},
      {"\"shift_factor\": null", "\"shift_factor\": 0.1", "shift_factor is 0.1, expected null"},
      {"\"layers_per_block\": 2", "\"layers_per_block\": 3", " missing ("},
      {"\"layers_per_block\": 2", "\"layers_per_block\": 2.5", "layers_per_block is 2.5"},
      {"\"norm_num_groups\": 8", "\"norm_num_groups\": 7", "multiples of 7 groups"},
      {"\"scaling_factor\": 0.18215", "\"scaling_factor\": 0", "scale is 0.0"},
      {"  \"block_out_channels\": [\n    8,", "  \"block_out_channels\": [\n    16,", "of another"},
    };
    for (String[] one : cases) {
      assertTrue(config.contains(one[0]), one[0]);
      Files.writeString(other.resolve("config.json"), config.replace(one[0], one[1]));
      String message = refused(ImportSettings.of(ImportKind.VAE, other));
      assertTrue(message.contains(one[2]), message);
    }
    // A checkpoint of Zero123's size is expected where nothing says another.
    Path checkpoint = DinoImportTest.resource("zero123-tiny.ckpt");
    String sizes = refused(ImportSettings.of(ImportKind.VAE, checkpoint));
    assertTrue(sizes.contains("4 missing (\"first_stage_model.decoder.up.1.block.0"), sizes);
    assertTrue(sizes.contains("230 of another shape (\"first_stage_model.decoder."), sizes);
    assertTrue(sizes.endsWith("and 220 more)"), sizes);
    assertTrue(refused(ImportSettings.of(ImportKind.TAESD, checkpoint)).contains("missing ("));
  }

  /** In the author's files layers have numbers, and the decoder's clamp is one of them. */
  @Test
  void taesdIsReadAsItsAuthorPublishesIt() throws IOException {
    Path original = Files.createDirectory(folder.resolve("original"));
    Path source = pipeline().resolve("taesd");
    try (Zero123Fixture fixture = new Zero123Fixture();
        Safetensors whole =
            Safetensors.open(source.resolve("diffusion_pytorch_model.safetensors"))) {
      for (String half : new String[] {"encoder", "decoder"}) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (String name : whole.names()) {
          String[] parts = name.split("\\.", 4);
          if (parts[0].equals(half)) {
            int layer = Integer.parseInt(parts[2]) + (half.equals("decoder") ? 1 : 0);
            arrays.put(layer + "." + parts[3], whole.read(fixture.manager(), name));
          }
        }
        Path file = original.resolve("taesd_" + half + ".safetensors");
        Safetensors.write(file, arrays, Map.of());
      }
    }
    ImportSettings settings =
        ImportSettings.of(ImportKind.TAESD, original).withDescription(pipeline());
    Path one = imported(settings, "author");
    Path other = imported(ImportSettings.of(ImportKind.TAESD, pipeline()), "diffusers");
    String weights = "model.safetensors";
    assertEquals(-1, Files.mismatch(one.resolve(weights), other.resolve(weights)));
    Files.delete(original.resolve("taesd_decoder.safetensors"));
    assertTrue(refused(settings).contains("no taesd_decoder.safetensors or .pth, expected one"));
  }

  @Test
  void shardsAreReadAsOneFile() throws IOException {
    Path sharded = Files.createDirectory(folder.resolve("sharded"));
    Path source = pipeline().resolve("vae");
    Files.copy(source.resolve("config.json"), sharded.resolve("config.json"));
    StringBuilder map = new StringBuilder();
    Map<String, Map<String, NDArray>> shards = new LinkedHashMap<>();
    Path index = sharded.resolve("diffusion_pytorch_model.safetensors.index.json");
    try (Zero123Fixture fixture = new Zero123Fixture();
        Safetensors whole =
            Safetensors.open(source.resolve("diffusion_pytorch_model.safetensors"))) {
      for (String name : whole.names()) {
        String shard = name.startsWith("encoder") ? "a-1.safetensors" : "a-2.safetensors";
        map.append(map.isEmpty() ? "" : ", ").append("\"%s\": \"%s\"".formatted(name, shard));
        shards
            .computeIfAbsent(shard, key -> new LinkedHashMap<>())
            .put(name, whole.read(fixture.manager(), name));
      }
      for (Map.Entry<String, Map<String, NDArray>> shard : shards.entrySet()) {
        Safetensors.write(sharded.resolve(shard.getKey()), shard.getValue(), Map.of());
      }
    }
    String listed = "{\"metadata\": {}, \"weight_map\": {" + map + "}}";
    Files.writeString(index, listed);
    ImportSettings settings = ImportSettings.of(ImportKind.VAE, sharded);
    Path one = imported(settings, "of-shards");
    Path other = imported(ImportSettings.of(ImportKind.VAE, source), "of-one");
    String weights = "model.safetensors";
    assertEquals(-1, Files.mismatch(one.resolve(weights), other.resolve(weights)));

    String first = map.substring(0, map.indexOf(", ") + 2);
    Files.writeString(index, listed.replace(first, ""));
    assertTrue(refused(settings).contains(" is not listed in "), refused(settings));
    Files.writeString(index, listed.replace("{" + first, "{\"x\": \"a-1.safetensors\", " + first));
    assertTrue(refused(settings).contains("no tensor \"x\", which "), refused(settings));
    for (String outside : new String[] {"../a-1.safetensors", "/etc/passwd", "..", ""}) {
      Files.writeString(index, listed.replace("a-1.safetensors", outside));
      String message = refused(settings);
      assertTrue(message.contains("expected the name of a file beside it"), message);
    }
    Files.writeString(index, listed);
    Files.delete(sharded.resolve("a-2.safetensors"));
    assertTrue(refused(settings).contains("a-2.safetensors"), refused(settings));
  }

  /** The names that a pickle may hold do not matter: nothing is written by them. */
  @Test
  void namesWithPathsAreUnexpected() throws IOException {
    Path evil = folder.resolve("evil.safetensors");
    try (Zero123Fixture fixture = new Zero123Fixture()) {
      Safetensors.write(
          evil,
          Map.of(
              "../../evil", fixture.manager().ones(new Shape(1), DataType.FLOAT32),
              "decoder.mid.block_1.conv1.weight", fixture.manager().ones(new Shape(1))),
          Map.of());
    }
    assertTrue(
        refused(ImportSettings.of(ImportKind.VAE, evil)).contains("unexpected (\"../../evil\")"));
  }
}
