package ai.fresnel.cvs.examples.cli;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.lpips.LpipsNet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which LPIPS compares images: all options but the size, or none. */
final class LpipsOptions {

  @Option(
      names = "--lpips",
      required = true,
      paramLabel = "NET",
      description = "Compare images by LPIPS too, with alex, vgg or squeeze.")
  LpipsNet net;

  @Option(
      names = "--lpips-backbone",
      required = true,
      paramLabel = "F",
      description = "That network's weights: torchvision's checkpoint, or safetensors.")
  Path backbone;

  @Option(
      names = "--lpips-heads",
      required = true,
      paramLabel = "F",
      description = "LPIPS's weights for it: weights/v0.1/NET.pth of the package lpips.")
  Path heads;

  @Option(
      names = "--lpips-size",
      paramLabel = "S",
      description = "Compare images resized to S pixels (default: as they are).")
  int size;

  Lpips load(NDManager manager) throws IOException {
    return Lpips.load(net, Verb.requireExists(backbone), Verb.requireExists(heads), size, manager);
  }

  /** Adds what a report needs to be repeated. */
  void describe(Map<String, String> setup) {
    setup.put("lpips_backbone", backbone.toString());
    setup.put("lpips_heads", heads.toString());
  }
}
