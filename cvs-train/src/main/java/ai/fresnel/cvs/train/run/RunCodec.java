package ai.fresnel.cvs.train.run;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.codec.LatentCodec;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.Augmentation;
import ai.fresnel.cvs.train.data.LatentViews;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.stage.StagePlan;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The codec with which a run looks at its data before it trains: made once, where it is needed. */
final class RunCodec implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ViewRun.class);

  private final StagePlan plan;
  private final ModelConfig model;
  private final NDManager manager;
  private Optional<StateCodec> made = Optional.empty();

  /**
   * @param plan has the codec of the network
   * @param model the network
   * @param device where views are encoded
   */
  RunCodec(StagePlan plan, ModelConfig model, Device device) {
    this.plan = plan;
    this.model = model;
    manager = TorchRuntime.newManager(device);
  }

  /** The codec in float32, with its values. */
  StateCodec get() throws IOException {
    if (made.isEmpty()) {
      made = Optional.of(plan.codec(model, manager));
    }
    return made.get();
  }

  /** Owns the codec's values, on its device. */
  NDManager manager() {
    return manager;
  }

  /**
   * Encodes the training views.
   *
   * @param run the run's folder
   * @param set the view set
   * @param pairs draws the batches
   * @param config the settings
   * @return the latents; empty where images are trained on, or views change from step to step
   */
  Optional<LatentViews> latents(Path run, ViewSet set, PairSource pairs, TrainingConfig config)
      throws IOException {
    if (model.codec().autoencoder().isEmpty()) {
      return Optional.empty();
    }
    if (!config.pairs().augmentation().equals(Augmentation.NONE)) {
      LOG.info("views are encoded in each step: the recipe changes them at random");
      return Optional.empty();
    }
    List<String> ids =
        pairs instanceof ViewPairDataset
            ? set.ids(Split.TRAIN)
            : set.groups(Split.TRAIN).stream().flatMap(List::stream).toList();
    LatentCodec codec = (LatentCodec) get();
    return Optional.of(LatentViews.encode(run.resolve("latents"), set, ids, codec, manager));
  }

  @Override
  public void close() {
    manager.close();
  }
}
