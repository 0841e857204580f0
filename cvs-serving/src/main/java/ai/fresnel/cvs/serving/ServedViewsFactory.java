package ai.fresnel.cvs.serving;

import ai.djl.Model;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.ViewTranslatorFactory;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;

/**
 * Draws views for DJL Serving, whose requests and answers are DJL's {@link Input} and {@link
 * Output}. A {@code serving.properties} in the model folder names this class:
 *
 * <pre>{@code
 * engine=PyTorch
 * translatorFactory=ai.fresnel.cvs.serving.ServedViewsFactory
 * blockFactory=ai.fresnel.cvs.ViewBlockFactory
 * option.hasParameter=false
 * }</pre>
 *
 * <p>It may set {@code precision} and {@code threads} too, as {@link ViewTranslatorFactory}
 * describes them. Requests that DJL Serving hands over together go through the network together.
 *
 * <p>A request has these parts, of a multipart form or of the URL's query:
 *
 * <ul>
 *   <li>{@code photograph}: the bytes of a PNG, JPEG, GIF or BMP file; or they are the whole body.
 *   <li>{@code mask}: an image of the photograph's size; optional.
 *   <li>{@code azimuth}, {@code elevation}: degrees to move around the object, and up; 0 without.
 *   <li>{@code radius}: distance from the object's middle in object lengths; the photograph's
 *       without.
 *   <li>{@code source-elevation}, {@code source-radius}: where the photograph was taken from; 20
 *       degrees up, 1.7 object lengths away without.
 *   <li>{@code steps}, {@code seed}, {@code temperature}: as {@link ai.fresnel.cvs.Sampling} has
 *       them.
 * </ul>
 *
 * <p>{@code azimuth}, {@code elevation} and {@code radius} may be lists with commas, for several
 * views; a single value holds for all of them. One view is answered by a PNG file, several by a ZIP
 * file of {@code 000.png}, {@code 001.png} and on. A request that cannot be drawn is answered with
 * status 400 and one line of JSON that says why; others of its batch are drawn.
 */
public final class ServedViewsFactory implements TranslatorFactory {

  /** A factory; DJL makes it by its name. */
  public ServedViewsFactory() {}

  @Override
  public Set<Pair<Type, Type>> getSupportedTypes() {
    return Set.of(new Pair<>(Input.class, Output.class));
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
              + ", expected from Input to Output");
    }
    Translator<ViewRequest, ViewResult> views =
        new ViewTranslatorFactory()
            .newInstance(ViewRequest.class, ViewResult.class, model, arguments);
    return (Translator<I, O>) new ServedViews(views);
  }
}
