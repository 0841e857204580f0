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
import java.util.Objects;
import java.util.Set;

/**
 * Loads a model folder through DJL's {@code Criteria}, for programs that load all their models that
 * way.
 *
 * <pre>{@code
 * try (ZooModel<ViewRequest, ViewResult> model =
 *         ViewTranslatorFactory.criteria(Path.of("model")).build().loadModel();
 *     Predictor<ViewRequest, ViewResult> predictor = model.newPredictor()) {
 *   List<ViewResult> results = predictor.batchPredict(requests);
 * }
 * }</pre>
 *
 * <p>Everything that {@link SynthesizerOptions} sets can be set here, by {@link #criteria(Path,
 * SynthesizerOptions)} or by name:
 *
 * <ul>
 *   <li>{@code optDevice(device)}: where the network runs.
 *   <li>{@code optArgument("precision", value)}: {@code float32} (default), {@code bfloat16} or
 *       {@code float16}; the case does not matter.
 *   <li>{@code optArgument("threads", value)}: threads inside one operation on a CPU, for the whole
 *       process; 0 (default) leaves the engine's choice.
 * </ul>
 *
 * <p>A {@code serving.properties} file in the model folder may set {@code precision} and {@code
 * threads} where the criteria do not. A wrong value ends {@code loadModel} with an {@link
 * IllegalArgumentException} that names the argument and the values allowed.
 *
 * <p>Requests that are predicted together go through the network together if they ask for the same
 * number of passes, guidance and temperature. The results are those of a {@link ViewSynthesizer}.
 *
 * <p>Closing the model waits for predictions of other threads and refuses further ones with a
 * {@link TranslateException}, as {@link ViewSynthesizer#close} does for views.
 */
public final class ViewTranslatorFactory implements TranslatorFactory {

  /** A factory; DJL makes it by its name. */
  public ViewTranslatorFactory() {}

  /**
   * Prepares the loading of a model folder onto the default device.
   *
   * @param model the folder
   * @return criteria to which a device, arguments, a progress and the like can be added
   */
  public static Criteria.Builder<ViewRequest, ViewResult> criteria(Path model) {
    Objects.requireNonNull(model, "model is null");
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

  /**
   * Prepares the loading of a model folder with all options given, whatever its {@code
   * serving.properties} says.
   *
   * @param model the folder
   * @param options where and how the network runs
   * @return criteria to which a progress and the like can be added
   */
  public static Criteria.Builder<ViewRequest, ViewResult> criteria(
      Path model, SynthesizerOptions options) {
    Objects.requireNonNull(options, "options is null");
    return criteria(model)
        .optDevice(options.deviceOrDefault())
        .optArgument(CriteriaArguments.PRECISION, options.precision().name())
        .optArgument(CriteriaArguments.THREADS, options.threads());
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
