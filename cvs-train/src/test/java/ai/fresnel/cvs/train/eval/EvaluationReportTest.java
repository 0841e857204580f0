package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationReportTest {

  /** 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squared deviations 32, so sqrt(32 / 7). */
  @Test
  void valuesAreSummedUpByKey() {
    MetricAccumulator metrics = new MetricAccumulator();
    for (double value : new double[] {2, 4, 4, 4, 5, 5, 7, 9}) {
      metrics.add("steps1/psnr", value);
      metrics.add("far", 1e9 + value);
    }
    metrics.add("once", -3);
    MetricSummary psnr = metrics.summaries().get("steps1/psnr");
    assertEquals(8, psnr.count());
    assertEquals(5, psnr.mean(), 1e-12);
    assertEquals(Math.sqrt(32.0 / 7), psnr.deviation(), 1e-12);
    assertEquals(Math.sqrt(32.0 / 7 / 8), psnr.standardError(), 1e-12);
    assertEquals(2, psnr.min());
    assertEquals(9, psnr.max());
    assertEquals(Math.sqrt(32.0 / 7), metrics.summaries().get("far").deviation(), 1e-6);
    assertEquals(new MetricSummary(1, -3, 0, -3, -3), metrics.summaries().get("once"));
    assertEquals(List.of("far", "once", "steps1/psnr"), List.copyOf(metrics.summaries().keySet()));
  }

  @Test
  void valuesThatAreNotFiniteAreRefused() {
    MetricAccumulator metrics = new MetricAccumulator();
    assertThrows(IllegalArgumentException.class, () -> metrics.add("psnr", Double.NaN));
    assertThrows(
        IllegalArgumentException.class, () -> metrics.add("psnr", Double.POSITIVE_INFINITY));
  }

  @Test
  void aReportIsWrittenAndRead(@TempDir Path folder) throws Exception {
    EvaluationReport report =
        new EvaluationReport(
            Map.of("model", "tiny64", "a", "<b>"),
            Map.of("psnr", new MetricSummary(3, 20.5, 1, 19, 22)));
    Path file = folder.resolve("report.json");
    report.write(file);
    JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    assertEquals("tiny64", json.getAsJsonObject("setup").get("model").getAsString());
    JsonObject psnr = json.getAsJsonObject("metrics").getAsJsonObject("psnr");
    assertEquals(20.5, psnr.get("mean").getAsDouble());
    assertEquals(3, psnr.get("count").getAsLong());
    assertEquals(report, EvaluationReport.fromJson(Files.readString(file)));
  }

  @Test
  void whatIsNoReportIsRefused() {
    for (String text : new String[] {"", "3", "{}", "{\"setup\": {}}", "{\"metrics\": 3,"}) {
      assertThrows(IllegalArgumentException.class, () -> EvaluationReport.fromJson(text));
    }
  }
}
