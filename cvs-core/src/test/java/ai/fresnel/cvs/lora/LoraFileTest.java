package ai.fresnel.cvs.lora;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.Lora;
import ai.fresnel.cvs.block.LoraConfig;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.nn.TinyZero123;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoraFileTest {

  private static final LoraModules MODULES = LoraModules.diffusers(new DiffusersNames(4, 4));
  private static final OptionalDouble ALPHA = OptionalDouble.of(8);

  @TempDir Path folder;

  private Zero123Fixture fixture;
  private NDManager manager;
  private TinyZero123 network;

  @BeforeEach
  void open() throws IOException {
    fixture = new Zero123Fixture();
    manager = fixture.manager();
    network = new TinyZero123(fixture);
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private static Path published() {
    try {
      return Path.of(
          Zero123Fixture.class.getResource("lcm-tiny/pytorch_lora_weights.safetensors").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private Map<String, NDArray> tensors(Path path) throws IOException {
    Map<String, NDArray> tensors = new TreeMap<>();
    try (Safetensors file = Safetensors.open(path)) {
      for (String name : file.names()) {
        tensors.put(name, file.read(manager, name));
      }
    }
    return tensors;
  }

  /** 554 tensors of 277 modules; queries, keys and values are one product here. */
  @Test
  void everyTensorOfAPublishedFileIsTaken() throws IOException {
    Lora lora = LoraFile.attach(published(), network, MODULES, ALPHA, manager);
    Map<String, NDArray> published = tensors(published());
    assertEquals(554, published.size());
    int modules = lora.configs().keySet().stream().mapToInt(lora::parts).sum();
    assertEquals(277, modules);
    lora.configs().values().forEach(config -> assertEquals(new LoraConfig(4, 8), config));
    NDArray qkv =
        lora.parameters().get("unet.down1_attention0.block0.self.qkv.lora_down").getArray();
    assertEquals(new Shape(12, 16), qkv.getShape());
    NDArray key =
        published.get(
            "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_k.lora_A.weight");
    assertArrayEquals(
        key.toType(DataType.FLOAT32, false).toFloatArray(), qkv.get("4:8").toFloatArray());
  }

  /** The same 277 products as LCM-LoRA's: all between hidden states. */
  @Test
  void anAdapterOfAllHiddenProductsIsLcmLoras() throws IOException {
    Lora read = LoraFile.attach(published(), network, MODULES, ALPHA, manager);
    read.detach();
    Lora made = Lora.attach(network, new LoraConfig(4, 8), manager, 0);
    assertEquals(read.configs(), made.configs());
  }

  @ParameterizedTest
  @EnumSource(LoraNames.class)
  void whatIsWrittenIsReadBack(LoraNames names) throws IOException {
    Lora lora = LoraFile.attach(published(), network, MODULES, ALPHA, manager);
    Path path = folder.resolve(LoraFile.NAME);
    LoraFile.write(path, lora, network, MODULES, names);
    Map<String, float[]> before = values(lora);
    lora.detach();
    // The file says alpha: the one given is not taken.
    Lora again = LoraFile.attach(path, network, MODULES, OptionalDouble.of(99), manager);
    assertEquals(lora.configs(), again.configs());
    Map<String, float[]> after = values(again);
    assertEquals(before.keySet(), after.keySet());
    before.forEach((name, values) -> assertArrayEquals(values, after.get(name), name));
  }

  private static Map<String, float[]> values(Lora lora) {
    Map<String, float[]> values = new LinkedHashMap<>();
    lora.parameters().forEach((name, p) -> values.put(name, p.getArray().toFloatArray()));
    return values;
  }

  /** In peft's naming, our file has the tensors of the published one. */
  @Test
  void aFileInPeftsNamesIsThePublishedOne() throws IOException {
    Lora lora = LoraFile.attach(published(), network, MODULES, ALPHA, manager);
    Path path = folder.resolve(LoraFile.NAME);
    LoraFile.write(path, lora, network, MODULES, LoraNames.PEFT);
    Map<String, NDArray> theirs = tensors(published());
    Map<String, NDArray> ours = tensors(path);
    assertEquals(theirs.keySet(), ours.keySet());
    theirs.forEach(
        (name, tensor) -> {
          assertEquals(tensor.getShape(), ours.get(name).getShape(), name);
          assertArrayEquals(
              tensor.toType(DataType.FLOAT32, false).toFloatArray(),
              ours.get(name).toFloatArray(),
              name);
        });
  }

  @Test
  void kohyasNamesAndAlphasAreAsPublished() throws IOException {
    Lora lora = LoraFile.attach(published(), network, MODULES, ALPHA, manager);
    Path path = folder.resolve(LoraFile.NAME);
    LoraFile.write(path, lora, network, MODULES, LoraNames.KOHYA);
    Map<String, NDArray> tensors = tensors(path);
    assertEquals(277 * 3, tensors.size());
    String module = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0";
    assertEquals(8, tensors.get(module + ".alpha").getFloat());
    assertEquals(new Shape(4, 8), tensors.get(module + ".lora_down.weight").getShape());
    assertEquals(new Shape(8, 4), tensors.get(module + ".lora_up.weight").getShape());
  }

  /** Attention's queries alone: their part of the stack is as in the file, the others are zero. */
  @Test
  void partsOfAStackMayBeMissing() throws IOException {
    Map<String, NDArray> some = new LinkedHashMap<>();
    tensors(published())
        .forEach(
            (name, tensor) -> {
              if (name.contains("down_blocks.0.attentions.0") && name.contains("attn1.to_q")) {
                some.put(name, tensor);
              }
            });
    Path path = write(some);
    Lora lora = LoraFile.attach(path, network, MODULES, OptionalDouble.empty(), manager);
    String product = "unet.down0_attention0.block0.self.qkv";
    // Without alpha it is the rank.
    assertEquals(Map.of(product, new LoraConfig(4, 4)), lora.configs());
    NDArray up = lora.parameters().get(product + ".lora_up").getArray();
    assertTrue(up.get("0:8").abs().sum().getFloat() > 0);
    assertEquals(0, up.get("8:24").abs().sum().getFloat());
  }

  private Path write(Map<String, NDArray> tensors) throws IOException {
    Path path = folder.resolve("some.safetensors");
    Safetensors.write(path, tensors, Map.of());
    return path;
  }

  private void assertRefused(String message, Map<String, NDArray> tensors) throws IOException {
    assertRefused(message, write(tensors));
  }

  private void assertRefused(String message, Path path) {
    IOException refused =
        assertThrows(
            ModelFormatException.class,
            () -> LoraFile.attach(path, network, MODULES, OptionalDouble.empty(), manager));
    String said = refused.getMessage();
    assertTrue(said.contains(message) && said.lines().count() == 1, said);
    assertTrue(Weights.adapters(network).isEmpty());
  }

  @Test
  void filesThatDoNotFitAreRefused() throws IOException {
    String conv = "unet.down_blocks.0.resnets.0.conv1.";
    NDArray down = manager.ones(new Shape(4, 8, 3, 3));
    NDArray up = manager.ones(new Shape(8, 4, 1, 1));
    assertRefused("no tensors", Map.of());
    assertRefused("1 unexpected: \"x.hada_w1_a\"", Map.of("x.hada_w1_a", up));
    assertRefused("1 incomplete", Map.of(conv + "lora_A.weight", down));
    assertRefused(
        "1 surplus: \"lora_unet_text_model_q\"",
        Map.of("unet.text_model.q.lora_A.weight", down, "unet.text_model.q.lora_B.weight", up));
    assertRefused(
        "lora_A.weight\" (4, 8, 1, 1) for (4, 8, 3, 3)",
        Map.of(
            conv + "lora_A.weight",
            manager.ones(new Shape(4, 8, 1, 1)),
            conv + "lora_B.weight",
            up));
    assertRefused(
        "lora_B.weight\" (8, 5, 1, 1) for (8, 4)",
        Map.of(
            conv + "lora_A.weight",
            down,
            conv + "lora_B.weight",
            manager.ones(new Shape(8, 5, 1, 1))));
    assertRefused(
        "not finite",
        Map.of(
            conv + "lora_A.weight", down, conv + "lora_B.weight", up.mul(Float.POSITIVE_INFINITY)));
    assertRefused(
        "are the same",
        Map.of(
            conv + "lora_A.weight",
            down,
            conv + "lora.down.weight",
            down,
            conv + "lora_B.weight",
            up));
    String kohya = "lora_unet_down_blocks_0_resnets_0_conv1.";
    assertRefused(
        "alpha is 0.0",
        Map.of(
            kohya + "lora_down.weight", down,
            kohya + "lora_up.weight", up,
            kohya + "alpha", manager.create(0f)));
    assertRefused(
        "expected one number",
        Map.of(
            kohya + "lora_down.weight", down, kohya + "lora_up.weight", up, kohya + "alpha", up));
    assertRefused(
        "rank is 2000",
        Map.of(
            conv + "lora_A.weight",
            manager.ones(new Shape(2000, 8, 3, 3)),
            conv + "lora_B.weight",
            manager.ones(new Shape(8, 2000))));
  }

  @Test
  void settingsThatAreNotKnownAreRefused() throws IOException {
    String conv = "unet.down_blocks.0.resnets.0.conv1.";
    Map<String, NDArray> tensors =
        Map.of(
            conv + "lora_A.weight", manager.ones(new Shape(4, 8, 3, 3)),
            conv + "lora_B.weight", manager.ones(new Shape(8, 4, 1, 1)));
    Map<String, String> wrong =
        Map.of(
            "{\"unet.use_dora\": true}", "[\"unet.use_dora\"] is true, expected false",
            "{\"unet.alpha_pattern\": {\"conv1\": 3}}", "expected {}",
            "{\"unet.lora_alpha\": \"x\"}", "expected a number",
            "{\"unet.lora_alpha\": -1}", "alpha is -1.0",
            "not JSON", "lora_adapter_metadata");
    for (Map.Entry<String, String> entry : wrong.entrySet()) {
      Path path = folder.resolve("settings.safetensors");
      Safetensors.write(path, tensors, Map.of("lora_adapter_metadata", entry.getKey()));
      assertRefused(entry.getValue(), path);
    }
  }

  @Test
  void peftsNamesCannotSayTwoRanks() throws IOException {
    Lora lora =
        Lora.attach(
            network,
            (path, hidden) ->
                path.startsWith("unet.down0_block")
                    ? Optional.of(new LoraConfig(path.endsWith("conv1") ? 2 : 3, 1))
                    : Optional.empty(),
            manager,
            0);
    Path path = folder.resolve(LoraFile.NAME);
    assertThrows(
        IllegalArgumentException.class,
        () -> LoraFile.write(path, lora, network, MODULES, LoraNames.PEFT));
    LoraFile.write(path, lora, network, MODULES, LoraNames.KOHYA);
    lora.detach();
    Lora again = LoraFile.attach(path, network, MODULES, OptionalDouble.empty(), manager);
    assertEquals(lora.configs(), again.configs());
  }

  @Test
  void networksOfOurOwnKeepTheirPaths() throws IOException {
    Lora lora = Lora.attach(network, new LoraConfig(2, 2), manager, 3);
    Path path = folder.resolve(LoraFile.NAME);
    LoraFile.write(path, lora, network, LoraModules.own(), LoraNames.PEFT);
    assertTrue(tensors(path).containsKey("unet.down0_attention0.block0.self.qkv.2.lora_B.weight"));
    Map<String, float[]> before = values(lora);
    lora.detach();
    Lora again = LoraFile.attach(path, network, LoraModules.own(), OptionalDouble.empty(), manager);
    values(again).forEach((name, values) -> assertArrayEquals(before.get(name), values, name));
  }
}
