package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/training.md shows is what is compiled and run here. */
class TrainingGuideTest {

  private static final Path GUIDE = Path.of("..", "docs", "training.md");
  private static final Path SOURCES = Path.of("src/test/java/ai/fresnel/cvs/train");

  @TempDir Path folder;

  private static void assertShown(String code) throws IOException {
    assertTrue(
        Files.readString(GUIDE).contains("```java\n" + code.strip() + "\n```"),
        () -> GUIDE + " does not show:\n" + code);
  }

  @Test
  void theScheduleIsShownAsItIs() throws IOException {
    String source = Files.readString(SOURCES.resolve("CosineSigmas.java"));
    assertShown(source.substring(source.indexOf("record CosineSigmas")));
  }

  @Test
  void theLoopIsShownAsItIsAndLearns() throws IOException {
    String source = Files.readString(SOURCES.resolve("HandWrittenLoop.java"));
    String loop = source.substring(source.indexOf("// docs\n") + 8, source.indexOf("  // end"));
    assertShown(loop.stripTrailing().stripIndent());
    TinyViews.write(folder, 4, "train");
    ViewPairDataset pairs =
        ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, PairOptions.of(16, 0));
    float first = HandWrittenLoop.train(pairs, TinyViews.model(), 1);
    float last = HandWrittenLoop.train(pairs, TinyViews.model(), 60);
    assertTrue(last < 0.6 * first, first + " to " + last);
  }
}
