package ai.fresnel.cvs.importer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.model.DinoConfig;
import ai.fresnel.cvs.model.PartConfig;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds imported encoders against the original's tokens. */
class DinoImportTest {

  private static final String FILE = "dinov2-tiny/dinov2_tiny14_pretrain.pth";
  private static final String FOLDER = "dinov2-tiny/hf";

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());

  @TempDir Path folder;

  @AfterEach
  void close() {
    manager.close();
  }

  static Path resource(String name) {
    return Path.of(DinoImportTest.class.getResource(name).getPath());
  }

  private ImportReport imported(Path from, Optional<Path> description, Path out)
      throws IOException {
    ImportSettings plain = ImportSettings.of(ImportKind.DINOV2, from);
    ImportSettings settings = description.map(plain::withDescription).orElse(plain);
    return new ModelImporter(settings, (done, total) -> {}).writeTo(out);
  }

  private String refused(Path from, Optional<Path> description) {
    Path out = folder.resolve("out");
    IOException error = assertThrows(IOException.class, () -> imported(from, description, out));
    assertFalse(Files.exists(out));
    String message = String.valueOf(error.getMessage());
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  private NDArray tokens(Path part) throws IOException {
    try (PartFolder opened = PartFolder.open(part);
        Safetensors io = Safetensors.open(resource("dinov2-tiny/io.safetensors"))) {
      DinoV2 encoder = DinoV2.of(((PartConfig.Dino) opened.config()).sizes());
      Weights.initialize(encoder, manager, 0);
      opened.load(Weights.arrays(encoder));
      NDArray pixels = io.read(manager, "pixels224").toType(DataType.FLOAT32, false);
      return encoder.encodeNormalized(new ParameterStore(manager, false), manager, pixels);
    }
  }

  private NDArray expected(String name) throws IOException {
    try (Safetensors io = Safetensors.open(resource("dinov2-tiny/io.safetensors"))) {
      return io.read(manager, name);
    }
  }

  private static double distance(NDArray one, NDArray other) {
    return one.sub(other).abs().max().getFloat();
  }

  /** The largest token is 4.1: 2e-5 of it is 8e-5. */
  @Test
  void tokensOfTheOriginalsFileAreTheOriginals() throws IOException {
    Path out = folder.resolve("encoder");
    ImportReport report = imported(resource(FILE), Optional.of(resource(FOLDER)), out);
    assertEquals(35, report.arrays());
    assertEquals("dinov2_vit14_48x2x3_grid37", report.name());
    assertEquals(0, distance(expected("patchtokens224"), tokens(out)), 2e-5);
  }

  /** Transformers resizes positions to a size: its own tokens differ by up to 0.09. */
  @Test
  void tokensOfTransformersFolderAreTheOriginals() throws IOException {
    Path out = folder.resolve("encoder");
    imported(resource(FOLDER), Optional.empty(), out);
    assertEquals(0, distance(expected("patchtokens224"), tokens(out)), 2e-5);
    assertTrue(distance(expected("hf.patchtokens224"), tokens(out)) > 0.01);
    // Stored as they came, in half the bytes.
    long bytes = Files.size(out.resolve("model.safetensors"));
    assertTrue(bytes < 330_000, bytes + " bytes");
    try (PartFolder part = PartFolder.open(out)) {
      assertEquals("float16", part.provenance().notes().get("import.types"));
      assertEquals("dinov2", part.provenance().notes().get("import.kind"));
    }
  }

  /** Both layouts of a network with registers, made of one set of weights, hold the same arrays. */
  @Test
  void registersAreReadFromBothLayouts() throws IOException {
    DinoConfig config = new DinoConfig(64, 2, 1, 5, 4);
    assertEquals("dinov2_vit14_64x2x1_grid5_reg4", config.name());
    DinoV2 encoder = DinoV2.of(config);
    Weights.initialize(encoder, manager, 3);
    Map<String, NDArray> ours = Weights.arrays(encoder);
    assertEquals(new Shape(1, 4, 64), ours.get("register_tokens").getShape());
    Safetensors.write(folder.resolve("original.safetensors"), ours, Map.of());
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    Safetensors.write(foreign.resolve("model.safetensors"), transformers(ours), Map.of());
    Files.writeString(
        foreign.resolve("config.json"),
        "{\"model_type\": \"dinov2_with_registers\", \"hidden_size\": 64,"
            + " \"num_hidden_layers\": 2, \"num_attention_heads\": 1}");
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    imported(folder.resolve("original.safetensors"), Optional.empty(), one);
    imported(foreign, Optional.empty(), other);
    assertEquals(
        -1, Files.mismatch(one.resolve("model.safetensors"), other.resolve("model.safetensors")));
    assertEquals(0, distance(tokens(one), tokens(other)));
    assertEquals(new Shape(1, 256, 64), tokens(one).getShape());
  }

  /** The names of transformers' modeling_dinov2_with_registers.py, written out. */
  private Map<String, NDArray> transformers(Map<String, NDArray> ours) {
    Map<String, NDArray> renamed = new LinkedHashMap<>();
    renamed.put("embeddings.cls_token", ours.get("cls_token"));
    renamed.put("embeddings.mask_token", ours.get("mask_token"));
    renamed.put("embeddings.register_tokens", ours.get("register_tokens"));
    renamed.put("embeddings.position_embeddings", ours.get("pos_embed"));
    for (String end : List.of("weight", "bias")) {
      renamed.put(
          "embeddings.patch_embeddings.projection." + end, ours.get("patch_embed.proj." + end));
      renamed.put("layernorm." + end, ours.get("norm." + end));
    }
    for (int i = 0; i < 2; i++) {
      String to = "encoder.layer." + i + ".";
      String from = "blocks." + i + ".";
      renamed.put(to + "layer_scale1.lambda1", ours.get(from + "ls1.gamma"));
      renamed.put(to + "layer_scale2.lambda1", ours.get(from + "ls2.gamma"));
      for (String end : List.of("weight", "bias")) {
        List<NDArray> qkv = new ArrayList<>();
        ours.get(from + "attn.qkv." + end).split(3).forEach(part -> qkv.add(part.duplicate()));
        renamed.put(to + "attention.attention.query." + end, qkv.get(0));
        renamed.put(to + "attention.attention.key." + end, qkv.get(1));
        renamed.put(to + "attention.attention.value." + end, qkv.get(2));
        renamed.put(to + "attention.output.dense." + end, ours.get(from + "attn.proj." + end));
        for (String same : List.of("norm1.", "norm2.", "mlp.fc1.", "mlp.fc2.")) {
          renamed.put(to + same + end, ours.get(from + same + end));
        }
      }
    }
    return renamed;
  }

  @Test
  void arraysAreAccountedFor() throws IOException {
    String heads = refused(resource(FILE), Optional.empty());
    assertTrue(heads.contains("tokens of 48 channels, expected a multiple of 64"), heads);

    Path damaged = Files.createDirectory(folder.resolve("damaged"));
    Files.copy(resource(FOLDER).resolve("config.json"), damaged.resolve("config.json"));
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    try (Safetensors sound = Safetensors.open(resource(FOLDER).resolve("model.safetensors"))) {
      for (String name : sound.names()) {
        arrays.put(name, sound.read(manager, name));
      }
    }
    Path file = damaged.resolve("model.safetensors");
    NDArray bias = arrays.remove("layernorm.bias");
    arrays.put("layernorm.weight", manager.ones(new Shape(47)));
    arrays.put("classifier.weight", manager.ones(new Shape(1)));
    Safetensors.write(file, arrays, Map.of());
    assertEquals(
        file
            + " does not fit the network: 1 missing (\"layernorm.bias\"); 1 unexpected"
            + " (\"classifier.weight\"); 1 of another shape (\"layernorm.weight\" has (47),"
            + " expected (48))",
        refused(damaged, Optional.empty()));

    arrays.remove("classifier.weight");
    arrays.put("layernorm.bias", bias);
    arrays.put("layernorm.weight", manager.ones(new Shape(48)).mul(Float.NaN));
    Safetensors.write(file, arrays, Map.of());
    String nan = refused(damaged, Optional.empty());
    assertTrue(nan.contains("tensor \"layernorm.weight\" holds NaN or infinity"), nan);
    for (int i = 0; i < 12; i++) {
      arrays.put("extra" + i, bias);
    }
    Safetensors.write(file, arrays, Map.of());
    String many = refused(damaged, Optional.empty());
    assertTrue(many.contains("12 unexpected (\"extra0\", \"extra1\", \"extra10\","), many);
    assertTrue(many.contains("\"extra7\" and 2 more)"), many);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(damaged), left.toList());
    }
  }

  @Test
  void otherNetworksAreRefused() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.copy(resource(FOLDER).resolve("model.safetensors"), other.resolve("model.safetensors"));
    String config = Files.readString(resource(FOLDER).resolve("config.json"));
    String[][] cases = {
      {"\"use_swiglu_ffn\": false", "\"use_swiglu_ffn\": true", "use_swiglu_ffn is true"},
      {"\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"", "hidden_act is \"relu\""},
      {"\"patch_size\": 14", "\"patch_size\": 16", "patch_size is 16, expected 14"},
      {"\"hidden_size\": 48", "\"hidden_size\": 64", "hidden_size is 64, expected 48"},
      {"\"model_type\": \"dinov2\"", "\"model_type\": \"vit\"", "model_type is \"vit\""},
      {
        "\"num_attention_heads\": 3", "\"num_attention_heads\": 5", "heads is 5, expected a divisor"
      },
      {"\"num_attention_heads\": 3", "\"num_attention_heads\": 0", "heads is 0, expected 1 to 48"},
      {"{", "[", "not JSON"},
    };
    for (String[] one : cases) {
      Files.writeString(other.resolve("config.json"), config.replace(one[0], one[1]));
      String message = refused(other, Optional.empty());
      assertTrue(message.contains(one[2]), message);
    }
    Safetensors.write(
        folder.resolve("none.safetensors"), Map.of("a", manager.ones(new Shape(1))), Map.of());
    String none = refused(folder.resolve("none.safetensors"), Optional.empty());
    assertTrue(none.contains("no DINOv2: it has no tensor \"cls_token\""), none);
    Files.delete(other.resolve("model.safetensors"));
    Files.writeString(other.resolve("config.json"), config);
    assertTrue(refused(other, Optional.empty()).contains("expected one of model.safetensors"));
    Files.writeString(other.resolve("model.safetensors.index.json"), "{}");
    assertTrue(refused(other, Optional.empty()).contains("weight_map"));
  }

  @Test
  void namesSayTheSizes() {
    for (String name : DinoConfig.publishedNames()) {
      assertEquals(name, DinoConfig.named(name).orElseThrow().name());
    }
    assertEquals(4, DinoConfig.named("dinov2_vitl14_reg").orElseThrow().registers());
    DinoConfig other = new DinoConfig(48, 2, 3, 16, 2);
    assertEquals(Optional.of(other), DinoConfig.named(other.name()));
    for (String wrong :
        List.of("dinov2_vit14_48x2x5_grid37", "dinov2_vit14_9999x99x1_grid37", "dinov2_vitg14")) {
      assertEquals(Optional.empty(), DinoConfig.named(wrong), wrong);
    }
  }
}
