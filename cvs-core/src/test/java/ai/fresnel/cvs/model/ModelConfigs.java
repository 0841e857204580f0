package ai.fresnel.cvs.model;

import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Configurations for tests of their files and ranges. */
final class ModelConfigs {

  private ModelConfigs() {}

  /** Returns all settings by path, but those of optional groups that are missing. */
  static Map<String, Object> settings(Record group, String path) throws Exception {
    Map<String, Object> all = new LinkedHashMap<>();
    for (RecordComponent setting : group.getClass().getRecordComponents()) {
      Object value = setting.getAccessor().invoke(group);
      if (value instanceof Optional<?> optional) {
        if (optional.isEmpty()) {
          continue;
        }
        value = optional.get();
      }
      if (value instanceof Record inner) {
        all.putAll(settings(inner, path + setting.getName() + "."));
      } else {
        all.put(path + setting.getName(), value);
      }
    }
    return all;
  }

  /** Returns a configuration that differs from the preset in every setting. */
  static ModelConfig unusual() {
    return new ModelConfig(
        "odd_1.x",
        ModelConfig.Kind.CONSISTENCY,
        new CodecConfig(96, 4, 1, 2),
        new ConditionerConfig(
            new DetailConfig(List.of(8, 16), 3),
            new TokensConfig(16, 77),
            Optional.of(new VolumeConfig(List.of(16, 32), 2, 3, 6, 9, true)),
            "dinov2_vitl14",
            true),
        new UNetConfig(
            List.of(new UNetConfig.Level(48, 3, 2), new UNetConfig.Level(96, 3, 5)),
            4,
            new UNetConfig.Attention(
                new UNetConfig.HeadChannels(16), 77, false, new UNetConfig.Norm(16, 1e-6)),
            new UNetConfig.Norm(8, 1e-4),
            UNetConfig.Modulation.SHIFT,
            130,
            false,
            false),
        new HeadsConfig(12, true),
        new ScalingConfig.Edm(0.3333333333333333, new NoiseConfig(0.01, 40, 5, -0.7, 1.05)),
        new SamplingConfig(
            0.625, new TreeMap<>(Map.of(1, List.of(40.0), 3, List.of(40.0, 2.5, 0.1)))));
  }

  /** Reads a resource as UTF-8. */
  static String text(String resource) throws Exception {
    try (InputStream in = ModelConfigs.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
