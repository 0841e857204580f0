package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.SlowTensor;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
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
        ViewPairs batches = new ViewPairs(pairs, PictureCodec.of(model))) {
      for (long index : new long[] {0, 1, 2, 7, 8, 0, 5, 5, 6}) {
        ViewBatch expected = pairs.batch(index);
        TrainingBatch batch = batches.batch(manager, index);
        assertArrayEquals(expected.sampleSeeds(), batch.seeds());
        double[] states =
            SlowTensor.of(expected.toNDList(manager).get(1)).fromGrey(model.chromaGain()).values();
        assertArrayEquals(states, SlowTensor.of(batch.x0()).values(), 1e-5, "batch " + index);
        assertEquals(2, batch.conditions().size());
        assertArrayEquals(expected.source(), batch.conditions().get(0).toFloatArray());
        assertArrayEquals(expected.pose(), batch.conditions().get(1).toFloatArray());
      }
      batches.close();
      assertEquals(4, batches.batch(manager, 7).x0().getShape().get(0), "it opens again");
    }
  }
}
