package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.SolverConfig;
import ai.fresnel.cvs.train.Recipes;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingBenchTest {

  /** A teacher that predicts nothing would leave nothing to learn, and nothing to measure. */
  @Test
  void aRandomLatentTeacherTeaches() throws IOException {
    ModelConfig model = Zero123Fixture.config(SolverConfig.zero123());
    TrainingConfig config =
        Recipes.named("lcm", TrainingConfig.consistency()).toBuilder()
            .data(d -> d.withBatchSize(1))
            .compute(c -> c.withCheckpointLevels(List.of(0)))
            .build();
    try (TrainingBench bench = TrainingBench.latentConsistency(model, config, Device.cpu())) {
      bench.step();
      double loss = bench.loss();
      assertTrue(loss > 1e-6 && loss < 1e3, "loss " + loss);
    }
  }
}
