package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelConfigBuilder;

/** The smallest network that has every kind of block. */
final class TinyNetwork {

  private TinyNetwork() {}

  /** 8×8 pictures, two levels, 2×2 tokens, attention at the coarser level. */
  static ModelConfigBuilder config(int fold) {
    return ModelConfig.builder()
        .name("tiny8")
        .pictureSize(8)
        .fold(fold)
        .channels(4, 6)
        .layers(1)
        .attentionDepth(0, 1)
        .headChannels(3)
        .groups(2)
        .embeddingChannels(4)
        .tokenChannels(5)
        .detailChannels(4, 6)
        .tokenGrid(2);
  }
}
