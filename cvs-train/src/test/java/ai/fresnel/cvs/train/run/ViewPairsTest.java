package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.SlowTensor;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewPairsTest {

  /** A batch asked for out of turn is the one of its number, also after others were made ahead. */
  @Test
  void batchesAreThoseOfTheirNumbers(@TempDir Path data) throws IOException {
    TinyViews.write(data, 3, "train", "train");
    ModelConfig model = TinyViews.model();
    ViewPairDataset pairs =
        ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, PairOptions.of(4, 1));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        BatchSource batches = ViewPairs.of(pairs, manager)) {
      for (long index : new long[] {0, 1, 2, 7, 8, 0, 5, 5, 6}) {
        ViewBatch expected = pairs.batch(index);
        TrainingBatch batch = batches.batch(manager, index);
        assertArrayEquals(expected.sampleSeeds(), batch.seeds());
        double[] states =
            SlowTensor.of(batch.targets()).fromGrey(model.codec().chromaGain()).values();
        NDArray x0 = StateCodec.of(model).encode(batch.targets());
        assertArrayEquals(states, SlowTensor.of(x0).values(), 1e-5, "batch " + index);
        assertArrayEquals(expected.target(), batch.targets().toFloatArray());
        assertArrayEquals(expected.source(), batch.context().source().toFloatArray());
        assertArrayEquals(expected.pose(), batch.context().cameras().toFloatArray());
      }
      batches.close();
      assertEquals(4, batches.batch(manager, 7).size(), "it opens again");
    }
  }
}
