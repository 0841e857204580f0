package ai.fresnel.cvs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tests the ranges of settings and the errors that name them. */
class ModelConfigRangeTest {

  @Test
  void chosenFewStepSigmasAreKeptAndCheckedAgainstTheRange() {
    ModelConfig config =
        ModelConfig.tiny64().toBuilder()
            .sampling(s -> s.withFewStepSigmas(Map.of(2, List.of(80.0, 0.8))))
            .build();
    assertEquals(
        List.of(80.0, 0.8),
        config.toBuilder().noise(n -> n.withRho(5)).build().fewStepSigmas().get(2));
    refused(
        () -> config.toBuilder().noise(n -> n.withRange(0.002, 40)).build(),
        "sampling.fewStepSigmas[2] is [80.0, 0.8], expected sigmas");
  }

  @Test
  void settingsOutOfRangeAreRefusedByNameValueAndRange() {
    changed(b -> b.name("a/b"), "name is a/b, expected 1 to 64 letters");
    changed(b -> b.name(null), "name is null, expected");
    changed(b -> b.kind(null), "kind is null, expected DIFFUSION or CONSISTENCY");
    changed(b -> b.heads(h -> h.withRefineChannels(-1)), "heads.refineChannels is -1, expected 0");
    codec(c -> c.withImageSize(4096), "imageSize is 4096, expected 8 to 2048");
    codec(c -> c.withImageSize(72), "imageSize is 72, expected a multiple of 16 (fold 4, 3 lev");
    codec(c -> c.withChannels(0), "channels is 0, expected 1 to 64");
    codec(c -> c.withChromaGain(0.5), "chromaGain is 0.5, expected 1.0 to 16.0");
    codec(c -> c.withChromaGain(Double.NaN), "chromaGain is NaN, expected 1.0 to 16.0");
    codec(c -> c.withChannels(4), "chromaGain is 4.0, expected 1 where channels is 4");
    codec(c -> c.withFold(3), "fold is 3, expected a power of two");
    unet(u -> u.channels(), "levels is [], expected 1 to 8 levels");
    unet(u -> u.channels(96, 16384, 192), "levels[1].channels is 16384, expected 1 to 8192");
    unet(u -> u.channels(96, 100, 192), "levels[1].channels is 100, expected a multiple of 32 gr");
    unet(u -> u.blocks(65), "levels[0].blocks is 65, expected 1 to 64");
    unet(u -> u.blocks(1, 1), "levels[0].blocks is [1, 1], expected one value, or as many as chan");
    unet(u -> u.attentionDepth(1, 1), "levels[0].attentionDepth is [1, 1], expected one value, or");
    unet(u -> u.attentionDepth(1, -1, 0), "levels[1].attentionDepth is -1, expected 0 to 64");
    unet(u -> u.headChannels(36), "levels[1].channels is 128, expected a width for HeadChannels");
    unet(u -> u.groups(0), "groups is 0, expected 1 to 1024");
    unet(u -> u.embeddingChannels(255), "embeddingChannels is 255, expected an even number");
    conditioner(c -> c.withDetailChannels(), "detail.channels is [], expected 1 to 8 widths");
    conditioner(c -> c.withDetailChannels(96, 100), "detail.channels[1] is 100, expected a multip");
    conditioner(c -> c.withTokenChannels(9000), "tokens.channels is 9000, expected 1 to 8192");
    conditioner(
        c -> c.withTokenGrid(15),
        "tokens.grid is 15, expected a divisor of codec.imageSize, which");
    conditioner(c -> c.withEncoder("clip"), "encoder is clip, expected one of none, dinov2_vits14");
    conditioner(
        c -> c.withTokenGrid(8).withEncoder("dinov2_vits14"),
        "tokens.grid is 8, expected 16 where");
    volume(v -> v.withSlices(1), "slices is 1, expected 2 to 256");
    volume(
        v -> VolumeConfig.of(32, 33), "volume.channels[1] is 33, expected a multiple of unet.no");
    volume(v -> v.withFeatures(2), "volume.features is 2, expected 3 to 256");
    volume(
        v -> VolumeConfig.of(32, 32, 32, 32, 32, 32),
        "volume.channels is [32, 32, 32, 32, 32, 32], expected levels that halve 16 positions");
    changed(
        b ->
            b.codec(c -> c.withImageSize(2048))
                .unet(u -> u.attentionDepth(0))
                .conditioner(c -> c.withoutVolume())
                .heads(h -> h.withRefineChannels(128)),
        "heads.refineChannels · codec.imageSize² is 536870912, expected 0 to 268435456");
    changed(b -> b.sigmaData(0), "scaling.sigmaData is 0.0, expected 0.001 to 100.0");
    noise(n -> n.withRange(90, 80), "sigmaMin is 90.0, expected below sigmaMax, which is 80.0");
    noise(n -> n.withRange(0.002, Double.NaN), "sigmaMax is NaN, expected");
    noise(n -> n.withRho(0.5), "rho is 0.5, expected 1.0 to 100.0");
    noise(n -> n.withMean(Double.NEGATIVE_INFINITY), "mean is -Infinity, expected");
    noise(n -> n.withDeviation(0), "deviation is 0.0, expected");
    sampling(s -> s.withTemperature(1.1), "temperature is 1.1, expected 0.0 to 1.0");
    sampling(s -> s.withTemperature(Double.NaN), "temperature is NaN, expected 0.0 to 1.0");
    sampling(s -> s.withFewStepSigmas(Map.of(0, List.of())), "fewStepSigmas: number of");
    sampling(s -> s.withFewStepSigmas(Map.of(2, List.of(80.0))), "fewStepSigmas[2] is");
    sampling(s -> s.withFewStepSigmas(Map.of(2, List.of(80.0, 80.0))), "fewStepSigmas[2] is");
    sampling(s -> s.withFewStepSigmas(Map.of(2, List.of(80.0, 0.002))), "fewStepSigmas[2] is");
  }

  @Test
  void listsHoldNoNull() {
    refused(
        () -> new DetailConfig(Arrays.asList(96, null, 32), 1),
        "channels is [96, null, 32], expected");
    refused(() -> new DetailConfig(null, 1), "channels is null, expected a list");
  }

  @Test
  void settingsThatTogetherAskForTooMuchAreRefused() {
    changed(
        b -> b.unet(u -> u.channels(8192, 8192, 8192).blocks(64).attentionDepth(64)),
        "parameters (estimated");
    changed(
        b ->
            b.codec(c -> c.withImageSize(2048).withFold(1))
                .unet(u -> u.attentionDepth(0).channels(96, 96, 96)),
        "unet.levels[0].channels · positions is 402653184, expected 1 to 268435456");
    changed(
        b -> b.codec(c -> c.withImageSize(1024)).unet(u -> u.attentionDepth(1, 1, 0)),
        "unet.levels[0].attentionDepth is 1, expected 0 where a level has more");
    codec(
        c -> c.withChromaGain(1).withChannels(64).withFold(16),
        "channels · fold² is 16384, expected 1 to 8192");
  }

  private static void codec(UnaryOperator<CodecConfig> change, String message) {
    changed(b -> b.codec(change), "codec." + message);
  }

  private static void conditioner(UnaryOperator<ConditionerConfig> change, String message) {
    changed(b -> b.conditioner(change), "conditioner." + message);
  }

  private static void volume(UnaryOperator<VolumeConfig> change, String message) {
    conditioner(c -> c.withVolume(change.apply(c.volume().orElseThrow())), message);
  }

  private static void unet(UnaryOperator<UNetConfigBuilder> change, String message) {
    changed(b -> b.unet(change), "unet." + message);
  }

  private static void noise(UnaryOperator<NoiseConfig> change, String message) {
    changed(b -> b.noise(change), "scaling.noise." + message);
  }

  private static void sampling(UnaryOperator<SamplingConfig> change, String message) {
    changed(b -> b.sampling(change), "sampling." + message);
  }

  private static void changed(UnaryOperator<ModelConfigBuilder> change, String message) {
    refused(() -> change.apply(ModelConfig.tiny64().toBuilder()).build(), message);
  }

  private static void refused(Executable made, String message) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, made, message);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }
}
