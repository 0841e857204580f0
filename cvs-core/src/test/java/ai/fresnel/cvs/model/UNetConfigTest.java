package ai.fresnel.cvs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.fresnel.cvs.model.UNetConfig.Attention;
import ai.fresnel.cvs.model.UNetConfig.HeadChannels;
import ai.fresnel.cvs.model.UNetConfig.HeadNumber;
import ai.fresnel.cvs.model.UNetConfig.Heads;
import ai.fresnel.cvs.model.UNetConfig.Level;
import ai.fresnel.cvs.model.UNetConfig.Modulation;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tests the ranges of a U-Net's configuration and its groups in a model. */
class UNetConfigTest {

  private static final Norm NORM = new Norm(4, 1e-5);

  private static UNetConfig config(List<Level> levels, int middle, Heads heads) {
    Attention attention = new Attention(heads, 8, false, new Norm(2, 1e-6));
    return new UNetConfig(levels, middle, attention, NORM, Modulation.SHIFT, 16, false, false);
  }

  private static void refused(String message, Executable made) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, made).getMessage());
  }

  @Test
  void eachRecordChecksItself() {
    refused("channels is 0, expected 1 to 8192", () -> new Level(0, 1, 0));
    refused("blocks is 65, expected 1 to 64", () -> new Level(4, 65, 0));
    refused("attentionDepth is -1, expected 0 to 64", () -> new Level(4, 1, -1));
    refused("number is 0, expected 1 to 1024", () -> new HeadNumber(0));
    refused("channels is 1025, expected 1 to 1024", () -> new HeadChannels(1025));
    refused("groups is 0, expected 1 to 1024", () -> new Norm(0, 1e-5));
    refused("epsilon is 0.0, expected a number above 0, at most 1", () -> new Norm(4, 0));
    refused("epsilon is NaN, expected a number above 0, at most 1", () -> new Norm(4, Double.NaN));
    Heads heads = new HeadNumber(2);
    refused("heads is null, expected a value", () -> new Attention(null, 8, true, NORM));
    refused("contextChannels is 0, expected 1 to 8192", () -> new Attention(heads, 0, true, NORM));
    refused("norm is null, expected a value", () -> new Attention(heads, 8, true, null));
  }

  @Test
  void theWholeRecordIsChecked() {
    Heads heads = new HeadNumber(2);
    Attention attention = new Attention(heads, 8, false, NORM);
    List<Level> levels = List.of(new Level(4, 1, 0));
    refused("levels is [], expected 1 to 8 levels, none null", () -> config(List.of(), 0, heads));
    refused(
        "levels is [null], expected 1 to 8 levels, none null",
        () -> config(Arrays.asList((Level) null), 0, heads));
    refused(
        "levels is a list of 900, expected 1 to 8 levels, none null",
        () -> config(Collections.nCopies(900, new Level(4, 1, 0)), 0, heads));
    refused("middleAttentionDepth is 65, expected 0 to 64", () -> config(levels, 65, heads));
    refused(
        "embeddingChannels is 0, expected 1 to 8192",
        () -> new UNetConfig(levels, 0, attention, NORM, Modulation.SHIFT, 0, false, false));
    refused(
        "modulation is null, expected a value",
        () -> new UNetConfig(levels, 0, attention, NORM, null, 16, false, false));
    refused(
        "levels[1].channels is 6, expected a multiple of 4 groups",
        () -> config(List.of(new Level(4, 1, 0), new Level(6, 1, 0)), 0, heads));
  }

  /** Only where there is attention. */
  @Test
  void headsDivideTheWidth() {
    Heads heads = new HeadChannels(3);
    List<Level> plain = List.of(new Level(4, 1, 0), new Level(12, 1, 0));
    assertEquals(2, config(plain, 1, heads).levels().size());
    assertEquals(4, heads.count(12));
    assertEquals(5, new HeadNumber(5).count(20));
    refused(
        "levels[0].channels is 4, expected a width for HeadChannels[channels=3]",
        () -> config(List.of(new Level(4, 1, 1), new Level(12, 1, 0)), 1, heads));
    refused(
        "levels[0].channels is 4, expected a width for HeadChannels[channels=3]",
        () -> config(List.of(new Level(4, 1, 0)), 1, heads));
  }

  @Test
  void levelsAreCopied() {
    List<Level> levels = new ArrayList<>(List.of(new Level(4, 1, 0)));
    UNetConfig config = config(levels, 0, new HeadNumber(2));
    levels.clear();
    assertEquals(1, config.levels().size());
  }

  @Test
  void modelSettingsDescribeTheUNet() {
    Norm norm = new Norm(32, 1e-5);
    assertEquals(
        new UNetConfig(
            List.of(
                new Level(128, 2, 0),
                new Level(256, 2, 0),
                new Level(384, 2, 3),
                new Level(512, 2, 2)),
            2,
            new Attention(new HeadChannels(64), 512, true, norm),
            norm,
            Modulation.SCALE_AND_SHIFT,
            512,
            true,
            true),
        ModelConfig.base256().unet());
  }
}
