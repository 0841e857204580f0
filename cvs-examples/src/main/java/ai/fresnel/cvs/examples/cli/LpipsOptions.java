package ai.fresnel.cvs.examples.cli;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.lpips.LpipsNet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of LPIPS. All except the size are required together. */
final class LpipsOptions {

  @Option(
      names = "--lpips",
      required = true,
      paramLabel = "NET",
      description = "Also compare images by LPIPS with alex, vgg or squeeze.")
  LpipsNet net;

  @Option(
      names = "--lpips-backbone",
      required = true,
      paramLabel = "F",
      description = "Weights of that network: torchvision's checkpoint, or safetensors.")
  Path backbone;

  @Option(
      names = "--lpips-heads",
      required = true,
      paramLabel = "F",
      description = "Weights of the LPIPS heads: weights/v0.1/NET.pth of the package lpips.")
  Path heads;

  @Option(
      names = "--lpips-size",
      paramLabel = "S",
      description = "Resize images to S pixels for LPIPS (default: their own size).")
  int size;

  Lpips load(NDManager manager) throws IOException {
    return Lpips.load(net, Verb.requireExists(backbone), Verb.requireExists(heads), size, manager);
  }

  /** Adds what is needed to repeat a report. */
  void describe(Map<String, String> setup) {
    setup.put("lpips_backbone", backbone.toString());
    setup.put("lpips_heads", heads.toString());
  }
}
