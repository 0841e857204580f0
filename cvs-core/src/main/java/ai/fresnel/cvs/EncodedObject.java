package ai.fresnel.cvs;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.condition.FusedCode;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.view.ViewSampler;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object's photographs in the engine's memory, ready to draw from.
 *
 * @param photographs K encoded photographs
 * @param cameras their cameras
 */
record EncodedObject(PhotographCode photographs, List<CameraPose> cameras) {

  /** Named after the door, not this class. */
  private static final Logger LOG = LoggerFactory.getLogger(ViewSynthesizer.class);

  /** Encodes the photographs of a request, on the manager. Logs what may spoil the views. */
  static EncodedObject of(
      NDManager manager, ViewRequest request, ViewSampler sampler, ModelConfig model) {
    request.warnings().forEach(LOG::warn);
    List<PosedPhotograph> all = request.photographs();
    int size = model.imageSize();
    float[] framed = new float[3 * size * size * all.size()];
    for (int i = 0; i < all.size(); i++) {
      float[] one = all.get(i).framed(request.framing(), model);
      System.arraycopy(one, 0, framed, i * one.length, one.length);
    }
    NDArray source = manager.create(framed, new Shape(all.size(), 3, size, size));
    List<CameraPose> cameras = all.stream().map(PosedPhotograph::camera).toList();
    return new EncodedObject(sampler.encode(source), cameras);
  }

  CameraPose source() {
    return cameras.get(0);
  }

  /** Draws one image a row. */
  NDArray sample(ViewSampler sampler, NDArray pose, long[] seeds, int steps) {
    if (cameras.size() == 1) {
      return sampler.sample(photographs, pose, seeds, steps);
    }
    return sampler.sample(fused(pose.getManager()), pose, seeds, steps);
  }

  private FusedCode fused(NDManager manager) {
    // The moves to the photographs are those to targets; no image's size is in them.
    ViewRows rows = new ViewRows(source(), cameras, Sampling.defaults(), 1);
    float[] places = rows.poses(0, rows.count());
    Shape shape = new Shape(cameras.size(), RelativePose.FEATURES);
    return new FusedCode(photographs, new CameraBatch(manager.create(places, shape)));
  }
}
