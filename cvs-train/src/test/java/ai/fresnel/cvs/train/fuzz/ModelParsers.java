package ai.fresnel.cvs.train.fuzz;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.train.config.RecipeJson;
import ai.fresnel.cvs.train.config.TrainingConfig;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The readers of weights, models and settings. */
final class ModelParsers {

  private static final String HEADER =
      """
      {"__metadata__": {"format": "pt"},
       "a.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
       "b": {"dtype": "BF16", "shape": [2], "data_offsets": [24, 28]},
       "c": {"dtype": "I16", "shape": [], "data_offsets": [28, 30]},
       "d": {"dtype": "BOOL", "shape": [2, 1], "data_offsets": [30, 32]},
       "e": {"dtype": "I64", "shape": [1], "data_offsets": [32, 40]},
       "f": {"dtype": "U8", "shape": [0, 4], "data_offsets": [40, 40]}}
      """;

  private ModelParsers() {}

  private static byte[] safetensors(byte[] header) {
    byte[] data = new byte[40];
    data[30] = 1;
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  private static void readWeights(Path file) throws IOException {
    readAll(WeightFile.open(file));
  }

  private static void readAll(WeightFile opened) throws IOException {
    try (WeightFile weights = opened;
        NDManager manager = NDManager.newBaseManager()) {
      for (String name : weights.names()) {
        try (NDArray array = weights.read(manager, name)) {
          if (!array.getShape().equals(weights.shape(name))) {
            throw new AssertionError(name + " has another shape than the file says");
          }
        }
      }
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in =
        ModelParsers.class.getResourceAsStream("/ai/fresnel/cvs/checkpoint/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Parser.Reading weights(String file) {
    return root -> readWeights(root.resolve(file));
  }

  static List<Parser> all() {
    byte[] zip = resource("zip.pth");
    Map<String, byte[]> entries = Packing.unzip(zip);
    String pickle =
        entries.keySet().stream().filter(n -> n.endsWith("/data.pkl")).findFirst().orElseThrow();
    byte[] sound = safetensors(text(HEADER));
    String config = ModelConfig.tiny64().toJson();
    String provenance =
        Provenance.builder()
            .data("none")
            .recipe("{\"a\": 1}")
            .created(Instant.EPOCH)
            .metric("psnr", 20)
            .note("n", "text")
            .build()
            .toJson();
    Seed.Folder model =
        root -> {
          Files.writeString(root.resolve(ModelFolder.CONFIG), config);
          Files.writeString(root.resolve(ModelFolder.PROVENANCE), provenance);
          Files.write(root.resolve(ModelFolder.WEIGHTS), sound);
        };
    return List.of(
        new Parser(
            "safetensors",
            List.of(
                "\"dtype\"",
                "\"shape\"",
                "\"data_offsets\"",
                "\"F64\"",
                "\"BF16\"",
                "\"BOOL\"",
                "\"I16\"",
                "[0, 24]",
                "[0]",
                "\"__metadata__\": {},",
                "[1000000000, 1000000000]"),
            List.of(
                Seed.binary("fuzzed.safetensors", sound),
                Seed.text("fuzzed.safetensors", HEADER)
                    .packed(ModelParsers::safetensors)
                    .called("header")),
            weights("fuzzed.safetensors")),
        new Parser(
            "pickle",
            List.of(),
            List.of(
                Seed.binary("fuzzed.pth", zip),
                Seed.binary("fuzzed.pth", entries.get(pickle))
                    .packed(b -> Packing.zip(Packing.with(entries, pickle, b), true))
                    .called("inside"),
                Seed.binary("fuzzed.pth", resource("legacy.pth")).called("legacy"),
                Seed.binary("fuzzed.pth", resource("oldest.pth")).called("oldest")),
            weights("fuzzed.pth")),
        new Parser(
            "training",
            List.of(),
            List.of(
                Seed.binary("fuzzed.ckpt", entries.get(pickle))
                    .packed(b -> Packing.zip(Packing.with(entries, pickle, b), true)),
                Seed.binary("fuzzed.ckpt", run(entries.get(pickle)))
                    .packed(b -> Packing.zip(Packing.with(entries, pickle, b), true))
                    .called("run")),
            root -> readAll(WeightFile.openTraining(root.resolve("fuzzed.ckpt")))),
        new Parser(
            "model",
            List.of(
                "\"formatVersion\": 1,",
                "\"unet\"",
                "\"levels\"",
                "\"type\"",
                "\"edm\"",
                "\"fewStepSigmas\"",
                "\"recipe\"",
                "\"metrics\"",
                "\"channels\"",
                "[32, 64]"),
            List.of(
                Seed.text(ModelFolder.CONFIG, config).in(model),
                Seed.text(ModelFolder.CONFIG, old()).in(model).called("version 1"),
                Seed.text(ModelFolder.PROVENANCE, provenance).in(model)),
            root -> ModelFolder.open(root).close()),
        new Parser(
            "recipe",
            List.of(
                "\"stage\"",
                "\"method\"",
                "\"ect\"",
                "\"volumeTargets\": 4,",
                "\"loss\"",
                "\"rate\"",
                "\"batch\"",
                "\"pt5m\"",
                "\"adamw\"",
                "\"trainTeacher\": true,",
                "\"type\""),
            List.of(
                recipe(TrainingConfig.diffusion()),
                recipe(TrainingConfig.consistency()).called("stage 2"),
                Seed.text("fuzzed.json", flat(TrainingConfig.consistency())).called("flat")),
            root -> {
              Path file = root.resolve("fuzzed.json");
              byte[] bytes = Files.readAllBytes(file);
              String recipe = new String(bytes, StandardCharsets.UTF_8);
              RecipeJson.fromJson(recipe, file.toString(), TrainingConfig.diffusion());
              RecipeJson.names(recipe, file.toString());
            }));
  }

  /** Puts a state dictionary among a run's other objects: classes as keys, a list, numbers. */
  private static byte[] run(byte[] state) {
    String inner = new String(state, StandardCharsets.ISO_8859_1);
    String whole =
        "\u0080\u0002}(U\u0005epochK\u0003U\tcallbacks}cpytorch_lightning.callbacks\nSaver\n}s"
            + "U\u0002lr]G?\u00f0\0\0\0\0\0\0aU\nstate_dict"
            // Without its protocol and its end.
            + inner.substring(2, inner.length() - 1)
            + "u.";
    return whole.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Seed recipe(TrainingConfig config) {
    return Seed.text("fuzzed.json", Json.format(RecipeJson.toJson(config)));
  }

  private static String flat(TrainingConfig config) {
    JsonObject json = RecipeJson.toFlatJson(config);
    // The name of a stage is for people.
    json.remove("stage");
    return Json.format(json);
  }

  private static String old() {
    try (InputStream in =
        ModelParsers.class.getResourceAsStream("/ai/fresnel/cvs/model/config-version1.json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
