package ai.fresnel.cvs.model;

import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads format version 1 of {@link ModelConfig}, which is flat. */
final class FlatConfigJson {
  /** Settings of the removed lift, which older folders have. */
  private static final String LIFT = "liftChannels";

  private static final Set<String> NAMES =
      Set.of(
          "name",
          "kind",
          "pictureSize",
          "pictureChannels",
          "chromaGain",
          "fold",
          "channels",
          "layers",
          "attentionDepth",
          "headChannels",
          "groups",
          "embeddingChannels",
          "tokenChannels",
          "detailChannels",
          "tokenGrid",
          LIFT,
          "liftSamples",
          "volumeChannels",
          "volumeSlices",
          "volumeFeatures",
          "refineChannels",
          "depthHead",
          "encoder",
          "guidanceInput",
          "sigmaData",
          "sigmaMin",
          "sigmaMax",
          "rho",
          "noiseMean",
          "noiseDeviation",
          "temperature",
          "fewStepSigmas");

  private FlatConfigJson() {}

  static ModelConfig read(JsonValue json, String source) {
    json.checkNames(NAMES);
    refuseLift(json);
    try {
      return config(json);
    } catch (JsonException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      // The records have the names of version 2.
      throw new JsonException(source + ": " + e.getMessage() + " (read from version 1)", e);
    }
  }

  private static ModelConfig config(JsonValue json) {
    int[] channels = integers(json.get("channels"));
    int layers = json.get("layers").integer();
    int[] depth = integers(json.get("attentionDepth"));
    if (depth.length != channels.length) {
      throw json.get("attentionDepth").wrong("as many values as channels has, " + channels.length);
    }
    NoiseConfig noise =
        Checks.in(
            "scaling.noise",
            () ->
                new NoiseConfig(
                    json.get("sigmaMin").number(),
                    json.get("sigmaMax").number(),
                    json.get("rho").number(),
                    json.get("noiseMean").number(),
                    json.get("noiseDeviation").number()));
    SortedMap<Integer, List<Double>> sigmas = sigmas(json.get("fewStepSigmas"));
    // Version 1 wrote out the sigmas of the grid.
    boolean grid = sigmas.equals(noise.fewStepSigmas());
    return ModelConfig.builder(json.get("name").string(), json.get("pictureSize").integer())
        .kind(kind(json.get("kind")))
        .codec(
            c ->
                new CodecConfig(
                    c.imageSize(),
                    json.get("pictureChannels").integer(),
                    json.get("chromaGain").number(),
                    json.get("fold").integer()))
        .conditioner(
            c ->
                new ConditionerConfig(
                    new DetailConfig(boxed(json.get("detailChannels")), layers),
                    new TokensConfig(
                        json.get("tokenGrid").integer(), json.get("tokenChannels").integer()),
                    volume(json),
                    json.get("encoder").string(),
                    json.get("guidanceInput").bool()))
        .unet(
            u ->
                u.channels(channels)
                    .blocks(layers)
                    .attentionDepth(depth)
                    .headChannels(json.get("headChannels").integer())
                    .groups(json.get("groups").integer())
                    .embeddingChannels(json.get("embeddingChannels").integer()))
        .heads(
            h ->
                new HeadsConfig(
                    json.get("refineChannels").integer(),
                    json.find("depthHead").map(JsonValue::bool).orElse(false)))
        .sigmaData(json.get("sigmaData").number())
        .noise(n -> noise)
        .sampling(
            s ->
                new SamplingConfig(
                    json.get("temperature").number(), grid ? new TreeMap<>() : sigmas))
        .build();
  }

  private static Optional<VolumeConfig> volume(JsonValue json) {
    int slices = json.find("volumeSlices").map(JsonValue::integer).orElse(16);
    int features = json.find("volumeFeatures").map(JsonValue::integer).orElse(8);
    List<Integer> channels = json.find("volumeChannels").map(v -> boxed(v)).orElse(List.of());
    return channels.isEmpty()
        ? Optional.empty()
        : Optional.of(new VolumeConfig(channels, 1, 1, slices, features, false));
  }

  /** Drops the settings of a lift that is off. Refuses a lift: its weights fit no network. */
  private static void refuseLift(JsonValue json) {
    json.find("liftSamples").ifPresent(JsonValue::integer);
    Optional<JsonValue> lift = json.find(LIFT);
    if (lift.isPresent() && lift.get().integer() != 0) {
      throw lift.get()
          .wrong(
              "0: the lift is no longer supported, train a model with a volume"
                  + " (conditioner.volume)");
    }
  }

  private static ModelConfig.Kind kind(JsonValue json) {
    for (ModelConfig.Kind kind : ModelConfig.Kind.values()) {
      if (kind.name().equals(json.string())) {
        return kind;
      }
    }
    throw json.wrong("DIFFUSION or CONSISTENCY");
  }

  private static SortedMap<Integer, List<Double>> sigmas(JsonValue json) {
    SortedMap<Integer, List<Double>> sigmas = new TreeMap<>();
    for (String passes : json.names()) {
      if (!passes.matches("[1-9][0-9]?")) {
        throw json.wrong("numbers of passes as names, 1 to 64");
      }
      List<JsonValue> items = json.get(passes).items();
      sigmas.put(Integer.valueOf(passes), items.stream().map(JsonValue::number).toList());
    }
    return sigmas;
  }

  private static List<Integer> boxed(JsonValue json) {
    return json.items().stream().map(JsonValue::integer).toList();
  }

  private static int[] integers(JsonValue json) {
    return json.items().stream().mapToInt(JsonValue::integer).toArray();
  }
}
