package ai.fresnel.cvs.serving;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.train.file.Guarded;
import ai.fresnel.cvs.view.SamplingBlock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * HTTP requests to requests for views, and views to answers. A batch holds requests of many
 * clients: one that cannot be drawn gets its answer here, and does not reach the network.
 */
final class ServedViews implements Translator<Input, Output> {

  private static final String ANSWERS = "answers";

  private final Translator<ViewRequest, ViewResult> views;

  ServedViews(Translator<ViewRequest, ViewResult> views) {
    this.views = views;
  }

  /** Any: there must be one, so that DJL hands over a whole batch. */
  @Override
  public Batchifier getBatchifier() {
    return views.getBatchifier();
  }

  @Override
  public NDList processInput(TranslatorContext context, Input input) throws Exception {
    return batchProcessInput(context, List.of(input));
  }

  @Override
  public Output processOutput(TranslatorContext context, NDList list) throws Exception {
    return batchProcessOutput(context, list).get(0);
  }

  @Override
  public NDList batchProcessInput(TranslatorContext context, List<Input> inputs) throws Exception {
    SamplingBlock block = (SamplingBlock) context.getBlock();
    // In the order of the inputs: the answer to one that is refused, null for one to be drawn.
    List<Output> answers = new ArrayList<>();
    List<ViewRequest> requests = new ArrayList<>();
    for (Input input : inputs) {
      try {
        requests.add(Guarded.run(() -> drawable(new RequestForm(input).request(), block)));
        answers.add(null);
      } catch (IOException e) {
        answers.add(Answers.refusal(e.getMessage()));
      }
    }
    context.setAttachment(ANSWERS, answers);
    return views.batchProcessInput(context, requests);
  }

  /** Refuses here what would stop the whole batch inside the network. */
  private static ViewRequest drawable(ViewRequest request, SamplingBlock block) {
    block.requireSettings(request.steps(), request.guidance(), request.temperature());
    request.photograph().objectPlace();
    return request;
  }

  @Override
  @SuppressWarnings("unchecked")
  public List<Output> batchProcessOutput(TranslatorContext context, NDList list) throws Exception {
    List<Output> answers = new ArrayList<>((List<Output>) context.getAttachment(ANSWERS));
    int next = 0;
    for (ViewResult result : views.batchProcessOutput(context, list)) {
      while (answers.get(next) != null) {
        next++;
      }
      answers.set(next, Answers.views(result));
    }
    return answers;
  }
}
