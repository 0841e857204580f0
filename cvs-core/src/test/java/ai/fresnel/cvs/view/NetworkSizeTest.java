package ai.fresnel.cvs.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The presets' sizes, and the counter of multiply-adds against a count from names and shapes. */
class NetworkSizeTest {

  private static final Pattern VOLUME =
      Pattern.compile("volume\\.(down|middle|up)(\\d*)_([a-z]+)\\d*\\..*");

  private static final Pattern LEVEL = Pattern.compile("unet\\.(down|up|middle)(\\d?)_(.*)");

  @Test
  void base256HasTheSizeOfItsDescription() {
    ViewModel network = new ViewModel(ModelConfig.base256());
    Map<String, Long> counts = Weights.counts(network);
    between(195e6, 205e6, counts.get("unet"));
    between(0.5e6, 1.5e6, counts.get("pose"));
    between(8e6, 12e6, counts.get("detail"));
    between(90e9, 100e9, 2 * network.multiplyAdds().get("unet"));
  }

  @Test
  void latent256HasTheSizeOfItsDescription() {
    ViewModel network = new ViewModel(ModelConfig.latent256());
    Map<String, Long> counts = Weights.counts(network);
    between(195e6, 215e6, counts.get("unet"));
    between(3e6, 12e6, counts.get("detail"));
    assertEquals(83_653_863, counts.get("vae"));
    between(30e9, 60e9, 2 * network.multiplyAdds().get("unet"));
    assertEquals(
        Weights.count(network) - counts.get("vae") - counts.get("dinov2"),
        Weights.trainableCount(network));
  }

  @Test
  void tiny64HasTheSizeOfItsDescription() {
    ViewModel network = new ViewModel(ModelConfig.tiny64());
    between(5e6, 12e6, Weights.count(network));
    between(0.4e9, 1.1e9, 2 * network.multiplyAdds().get("unet"));
  }

  /** Two and a half times the operations of tiny64. */
  @Test
  void small64HasTheSizeOfItsDescription() {
    ViewModel network = new ViewModel(ModelConfig.small64());
    between(22e6, 26e6, Weights.count(network));
    between(13e6, 16e6, Weights.counts(network).get("volume"));
    between(2.0e9, 2.4e9, 2 * network.multiplyAdds().get("unet"));
  }

  @Test
  void theParametersAreThoseOfTheParts() {
    ViewModel network = new ViewModel(ModelConfig.tiny64());
    long sum = Weights.counts(network).values().stream().mapToLong(n -> n).sum();
    assertEquals(Weights.count(network), sum);
  }

  @Test
  void multiplyAddsAreWeightsTimesPositions() {
    for (ModelConfig config :
        new ModelConfig[] {
          ModelConfig.base256(),
          ModelConfig.tiny64(),
          ModelConfig.small64(),
          TinyNetwork.config(1).build(),
          TinyNetwork.config(2)
              .conditioner(
                  c -> c.withDetailBlocks(2).withVolume(c.volume().orElseThrow().withDepth(3, 2)))
              .unet(u -> u.blocks(2).attentionDepth(2, 1).headChannels(1))
              .build()
        }) {
      ViewModel network = new ViewModel(config);
      long unet = 0;
      long refine = 0;
      long detail = 0;
      long volume = 0;
      for (Map.Entry<String, Parameter> entry : Weights.parameters(network).entrySet()) {
        String name = entry.getKey();
        Shape shape = entry.getValue().getShape();
        if (name.startsWith("unet.") && shape.dimension() > 1) {
          unet += shape.size() * unetPositions(config, name);
          unet += attentionProducts(config, name);
        } else if (name.startsWith("refine.") && shape.dimension() > 1) {
          refine += shape.size() * (shape.dimension() == 2 ? 1 : square(config.imageSize()));
        } else if (name.startsWith("detail.") && name.endsWith("weight") && shape.dimension() > 1) {
          detail += shape.size() * detailPositions(config, name);
        } else if (name.startsWith("volume.") && shape.dimension() > 1) {
          volume += volumeProducts(config, name, shape);
        }
      }
      assertEquals(unet, network.multiplyAdds().get("unet"), config.name());
      assertEquals(refine, network.multiplyAdds().get("refine"), config.name());
      assertEquals(detail, network.multiplyAdds().get("detail"), config.name());
      assertEquals(volume, network.multiplyAdds().getOrDefault("volume", 0L), config.name());
    }
  }

  /** A weight by the positions that meet it, and the attention before an output projection. */
  private static long volumeProducts(ModelConfig config, String name, Shape shape) {
    int last = config.volume().channels().size() - 1;
    int level = 0;
    Matcher at = VOLUME.matcher(name);
    if (at.matches()) {
      level = at.group(1).equals("middle") ? last : Integer.parseInt(at.group(2));
      if (at.group(3).equals("resample")) {
        level += at.group(1).equals("down") ? 1 : -1;
      }
    }
    long positions = square(config.gridSize(0) >> level);
    long tokens = square(config.tokens().grid());
    if (name.contains("cross.kv")) {
      return shape.size() * tokens;
    }
    long attended =
        name.endsWith("self.out.weight")
            ? positions
            : name.endsWith("cross.out.weight") ? tokens : 0;
    return shape.size() * positions + 2 * positions * attended * shape.get(0);
  }

  /** How many times a sample meets a weight. */
  private static long unetPositions(ModelConfig config, String name) {
    if (name.contains("modulation") || name.contains("out.gain")) {
      return 1;
    }
    if (name.contains("cross.kv")) {
      return square(config.tokens().grid());
    }
    return square(unetSide(config, name));
  }

  private static int unetSide(ModelConfig config, String name) {
    Matcher at = LEVEL.matcher(name);
    if (!at.matches()) {
      return config.gridSize(name.contains("join_pose") ? config.levels() - 1 : 0);
    }
    int level = at.group(2).isEmpty() ? config.levels() - 1 : Integer.parseInt(at.group(2));
    boolean resample = at.group(3).startsWith("resample");
    int next = resample ? (at.group(1).equals("down") ? level + 1 : level - 1) : level;
    return config.gridSize(next);
  }

  /** Queries by keys and shares by values, once for each block: at its output projections. */
  private static long attentionProducts(ModelConfig config, String name) {
    Matcher at = LEVEL.matcher(name);
    if (!at.matches()) {
      return 0;
    }
    int level = at.group(2).isEmpty() ? config.levels() - 1 : Integer.parseInt(at.group(2));
    long positions = square(config.gridSize(level));
    long channels = config.unet().levels().get(level).channels();
    if (name.endsWith("self.out.weight")) {
      return 2 * positions * positions * channels;
    }
    return name.endsWith("cross.out.weight")
        ? 2 * positions * square(config.tokens().grid()) * channels
        : 0;
  }

  private static long detailPositions(ModelConfig config, String name) {
    int first = config.gridSize(0);
    Matcher stage = Pattern.compile("detail\\.stage(\\d)_(.*)").matcher(name);
    if (stage.matches()) {
      int halvings =
          Integer.parseInt(stage.group(1)) + (stage.group(2).startsWith("resample") ? 1 : 0);
      return square(Math.max(first >> halvings, config.tokens().grid()));
    }
    return square(name.startsWith("detail.in") ? first : config.tokens().grid());
  }

  private static long square(long side) {
    return side * side;
  }

  private static void between(double low, double high, long actual) {
    assertTrue(actual >= low && actual <= high, actual + " is not from " + low + " to " + high);
  }
}
