package ai.fresnel.cvs.model;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.json.RecordJson;
import java.util.Optional;

/**
 * Reads and writes {@link ModelConfig} as JSON. Names and types are those of the records, so a new
 * setting needs no code here. A setting that older folders lack gets its value by {@link
 * RecordJson.Builder#missing}.
 */
final class ConfigJson {
  private static final RecordJson RECORDS =
      RecordJson.builder()
          .missing(VolumeConfig.class, "blocks", 1)
          .missing(VolumeConfig.class, "attentionDepth", 1)
          .missing(VolumeConfig.class, "residual", false)
          .missing(CodecConfig.class, "autoencoder", Optional.empty())
          .missing(ConditionerConfig.class, "zero123", Optional.empty())
          .missing(SamplingConfig.class, "solver", Optional.empty())
          .build();

  private ConfigJson() {}

  static String write(ModelConfig config) {
    return VersionedJson.write(RECORDS, ModelConfig.FORMAT_VERSION, config);
  }

  static ModelConfig read(String text, String source) throws ModelFormatException {
    return VersionedJson.read(
        text,
        source,
        ModelConfig.FORMAT_VERSION,
        (version, settings) ->
            version == 1
                ? FlatConfigJson.read(settings, source)
                : RECORDS.read(ModelConfig.class, settings));
  }
}
