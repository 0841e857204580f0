package ai.fresnel.cvs;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.nn.SamplingBlock;
import ai.fresnel.cvs.nn.ViewNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Makes the network of a model folder for DJL's loaders; see {@link ViewTranslatorFactory}. */
public final class ViewBlockFactory implements BlockFactory {

  private static final long serialVersionUID = 1L;

  /** A factory; DJL makes it by its name. */
  public ViewBlockFactory() {}

  /** {@inheritDoc} The path is a model folder, whose weights go to the model's device. */
  @Override
  public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) throws IOException {
    try (ModelFolder folder = ModelFolder.open(modelPath)) {
      return SamplingBlock.of(ViewNetwork.load(folder, model.getNDManager()));
    }
  }
}
