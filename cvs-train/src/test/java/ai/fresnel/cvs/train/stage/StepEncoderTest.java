package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.view.TinyNetwork;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import org.junit.jupiter.api.Test;

class StepEncoderTest {

  /** One network's encoders serve the others, once for each step; otherwise each uses its own. */
  @Test
  void aSharedEncoderEncodesOnceForAllNetworks() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      ViewModel teacher = TinyNetwork.of(manager, TinyViews.model());
      ViewModel student = TinyNetwork.of(manager, TinyViews.model());
      ParameterStore store = new ParameterStore(manager, false);
      long[] seeds = SampleNoise.seeds(1, 0, 2);
      NDArray keep = manager.create(new float[] {1, 0});
      ViewContext context =
          ViewContext.of(
                  SampleNoise.normal(manager, seeds, 0, new Shape(3, 16, 16)).mul(0.3f),
                  SampleNoise.normal(manager, seeds, 1, new Shape(16)))
              .withKeep(keep);
      float[] expected = teacher.condition(store, context).state().toFloatArray();
      StepCondition shared = StepEncoder.shared(teacher).encode(store, context);
      Conditioning ofStudent = shared.of(student, store);
      assertSame(shared.of(teacher, store), ofStudent);
      assertSame(keep, ofStudent.keep());
      assertArrayEquals(expected, ofStudent.state().toFloatArray());
      // The same weights here, so the same numbers, but made by each.
      StepCondition own = StepEncoder.each().encode(store, context);
      assertTrue(own.encoded().isEmpty());
      assertNotSame(own.of(teacher, store), own.of(student, store));
      assertArrayEquals(expected, own.of(student, store).state().toFloatArray());
    }
  }
}
