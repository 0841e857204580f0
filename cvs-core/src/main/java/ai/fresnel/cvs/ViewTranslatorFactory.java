package ai.fresnel.cvs;

import ai.djl.Model;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * DJL's own way to a model folder, for programs that load all their models so.
 *
 * <pre>{@code
 * try (ZooModel<ViewRequest, ViewResult> model =
 *         ViewTranslatorFactory.criteria(Path.of("model")).build().loadModel();
 *     Predictor<ViewRequest, ViewResult> predictor = model.newPredictor()) {
 *   List<ViewResult> results = predictor.batchPredict(requests);
 * }
 * }</pre>
 *
 * <p>Requests that are predicted together go through the network together, as far as they ask for
 * the same number of passes and the same guidance; what comes out is what a {@link ViewSynthesizer}
 * draws.
 */
public final class ViewTranslatorFactory implements TranslatorFactory {

  /** A factory; DJL makes it by its name. */
  public ViewTranslatorFactory() {}

  /**
   * Says how DJL finds and loads a model folder.
   *
   * @param model the folder
   * @return criteria to which a device, a progress and the like can be added
   */
  public static Criteria.Builder<ViewRequest, ViewResult> criteria(Path model) {
    return Criteria.builder()
        .setTypes(ViewRequest.class, ViewResult.class)
        .optEngine("PyTorch")
        .optModelPath(model)
        // DJL would look for CUDA's GPUs alone.
        .optDevice(TorchRuntime.defaultDevice())
        // The block comes with its weights: there is no file of DJL's parameters.
        .optOption("hasParameter", "false")
        .optArgument("blockFactory", ViewBlockFactory.class.getName())
        .optTranslatorFactory(new ViewTranslatorFactory());
  }

  @Override
  public Set<Pair<Type, Type>> getSupportedTypes() {
    return Set.of(new Pair<>(ViewRequest.class, ViewResult.class));
  }

  @Override
  @SuppressWarnings("unchecked")
  public <I, O> Translator<I, O> newInstance(
      Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
      throws TranslateException {
    if (!isSupported(input, output)) {
      throw new TranslateException(
          "no translator from "
              + input.getName()
              + " to "
              + output.getName()
              + ", expected from ViewRequest to ViewResult");
    }
    return (Translator<I, O>) new ViewTranslator();
  }
}
