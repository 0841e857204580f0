package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Makes the parts of a run that differ between the stages. */
public interface StagePlan {

  /**
   * Makes a network to be trained, or a copy of one, without values.
   *
   * @param model its configuration
   * @param precision the type that it computes in
   * @return the network
   */
  ViewModel create(ModelConfig model, Precision precision);

  /**
   * Makes the codec between images and the states that are trained on.
   *
   * @param model the network's configuration
   * @param manager owns the values of an autoencoder
   * @return the codec, in float32, with its values
   * @throws IOException if they cannot be read
   */
  StateCodec codec(ModelConfig model, NDManager manager) throws IOException;

  /**
   * Returns the imported parts that a network starts from, beside a whole model.
   *
   * @return a name of each, such as {@code autoencoder}, and what tells its weights from others
   */
  default Map<String, String> parts() {
    return Map.of();
  }

  /**
   * Returns the form in which a network is trained.
   *
   * @param network the network
   * @param model its configuration
   * @return the block
   */
  TrainedBlock block(ViewModel network, ModelConfig model);

  /**
   * Gives a network its first weights.
   *
   * @param network the network
   * @param manager owns its weights
   * @param seed decides those that are random
   * @throws IOException if weights to start from cannot be read
   * @throws IllegalArgumentException if none of them fits
   */
  void initialize(ViewModel network, NDManager manager, long seed) throws IOException;

  /**
   * Makes the stage.
   *
   * @param network the network in training
   * @param model its configuration
   * @param manager owns what the stage computes with
   * @param host takes the stage's own arrays and listeners
   * @return the stage
   */
  Stage stage(ViewModel network, ModelConfig model, NDManager manager, StageHost host);

  /**
   * Returns the same plan for another device, with a copy of what it computes with.
   *
   * @param manager owns the copy
   * @return the plan
   */
  StagePlan on(NDManager manager);

  /**
   * Returns what draws the teacher's images in previews.
   *
   * @return the sampler; empty where there is no teacher
   */
  Optional<ViewSampler> teacherSampler();
}
