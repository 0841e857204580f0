package ai.fresnel.cvs;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import ai.djl.util.passthrough.PassthroughNDManager;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.view.SamplingBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests to the inputs of a {@link SamplingBlock}, and its images to results. Both are in Java's
 * memory: closing the model or the predictor from another thread frees none of them.
 */
final class ViewTranslator implements Translator<ViewRequest, ViewResult> {

  /** Named after the door, not this class. */
  private static final Logger LOG = LoggerFactory.getLogger(ViewSynthesizer.class);

  private static final String REQUESTS = "requests";
  private static final String START = "start";

  /**
   * That there is one tells DJL to hand over a whole batch; its rows are joined below, since a
   * request may have any number of them.
   */
  @Override
  public Batchifier getBatchifier() {
    return Batchifier.STACK;
  }

  @Override
  public NDList processInput(TranslatorContext context, ViewRequest request) {
    return batchProcessInput(context, List.of(request));
  }

  @Override
  public ViewResult processOutput(TranslatorContext context, NDList list) {
    return batchProcessOutput(context, list).get(0);
  }

  @Override
  public NDList batchProcessInput(TranslatorContext context, List<ViewRequest> requests) {
    context.setAttachment(START, System.nanoTime());
    context.setAttachment(REQUESTS, List.copyOf(requests));
    requests.forEach(ViewTranslator::requireOnePhotograph);
    ModelConfig config = block(context).config();
    int size = config.imageSize();
    int count = requests.stream().mapToInt(request -> ViewRows.of(request, config).count()).sum();
    float[] sources = new float[requests.size() * 3 * size * size];
    long[] photographs = new long[count];
    float[] poses = new float[count * RelativePose.FEATURES];
    long[] seeds = new long[count];
    long[] steps = new long[count];
    float[] guidance = new float[count];
    float[] temperatures = new float[count];
    int at = 0;
    for (int i = 0; i < requests.size(); i++) {
      ViewRequest request = requests.get(i);
      ViewRows rows = ViewRows.of(request, config);
      int end = at + rows.count();
      request.warnings().forEach(LOG::warn);
      float[] photograph = request.framedPhotograph(config);
      System.arraycopy(photograph, 0, sources, i * photograph.length, photograph.length);
      float[] pose = rows.poses(0, rows.count());
      System.arraycopy(pose, 0, poses, at * RelativePose.FEATURES, pose.length);
      System.arraycopy(rows.seeds(0, rows.count()), 0, seeds, at, rows.count());
      Arrays.fill(photographs, at, end, i);
      Arrays.fill(steps, at, end, request.steps());
      Arrays.fill(guidance, at, end, (float) request.guidance().orElse(Double.NaN));
      Arrays.fill(temperatures, at, end, (float) request.temperature().orElse(Double.NaN));
      at = end;
    }
    NDManager manager = PassthroughNDManager.INSTANCE;
    return new NDList(
        manager.create(sources, new Shape(requests.size(), 3, size, size)),
        manager.create(photographs),
        manager.create(poses, new Shape(count, RelativePose.FEATURES)),
        manager.create(seeds),
        manager.create(steps),
        manager.create(guidance),
        manager.create(temperatures));
  }

  private static void requireOnePhotograph(ViewRequest request) {
    if (request.photographs().size() != 1) {
      throw new IllegalArgumentException(
          "request has "
              + request.photographs().size()
              + " photographs, expected 1: only ViewSynthesizer draws from several");
    }
  }

  @Override
  @SuppressWarnings("unchecked")
  public List<ViewResult> batchProcessOutput(TranslatorContext context, NDList list) {
    ModelConfig config = block(context).config();
    float[] values = list.singletonOrThrow().toFloatArray();
    long start = (Long) context.getAttachment(START);
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    List<ViewResult> results = new ArrayList<>();
    int at = 0;
    for (ViewRequest request : (List<ViewRequest>) context.getAttachment(REQUESTS)) {
      ViewRows rows = ViewRows.of(request, config);
      results.add(new ViewResult(request, rows.views(values, at, 0, rows.count()), time));
      at += rows.count();
    }
    return results;
  }

  private static SamplingBlock block(TranslatorContext context) {
    return (SamplingBlock) context.getBlock();
  }
}
