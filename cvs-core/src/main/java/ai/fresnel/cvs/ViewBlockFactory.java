package ai.fresnel.cvs;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.SharedArrays;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.SamplingBlock;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/** Makes the network of a model folder for DJL's loaders; see {@link ViewTranslatorFactory}. */
public final class ViewBlockFactory implements BlockFactory {

  private static final long serialVersionUID = 1L;

  /** Makes a factory. DJL calls this by reflection. */
  public ViewBlockFactory() {}

  /**
   * Loads a model folder onto the model's device.
   *
   * @param model the model that gets the block
   * @param modelPath a model folder
   * @param arguments {@code precision} and {@code threads}, as {@link ViewTranslatorFactory}
   *     describes them; others are ignored
   * @return a {@link SamplingBlock}
   * @throws IllegalArgumentException if one of these arguments has a wrong value; the message names
   *     it
   * @throws IOException if the folder is missing, damaged or of a newer version; the message names
   *     the file and the part
   */
  @Override
  public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) throws IOException {
    Precision precision = CriteriaArguments.precision(arguments);
    int threads = CriteriaArguments.threads(arguments);
    try (ModelFolder folder = ModelFolder.open(modelPath)) {
      if (threads > 0) {
        TorchRuntime.setThreads(threads);
      }
      return block(model.getNDManager(), folder, precision);
    }
  }

  /**
   * Loads the weights into memory that the model's manager closes but does not own: it would free
   * them under a predictor that draws.
   */
  private static Block block(NDManager owner, ModelFolder folder, Precision precision)
      throws IOException {
    NDManager manager = TorchRuntime.newManager(owner.getDevice());
    SharedArrays weights = new SharedArrays("model", manager);
    boolean loaded = false;
    try {
      SamplingBlock block =
          SamplingBlock.of(ViewModel.load(folder, manager, precision).narrowed(), weights);
      owner.attachInternal(UUID.randomUUID().toString(), weights);
      loaded = true;
      return block;
    } finally {
      if (!loaded) {
        weights.close();
      }
    }
  }
}
