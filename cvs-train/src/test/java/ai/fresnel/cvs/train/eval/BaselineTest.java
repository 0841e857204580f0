package ai.fresnel.cvs.train.eval;

import static ai.fresnel.cvs.train.eval.EvalFixtures.MARGIN;
import static ai.fresnel.cvs.train.eval.EvalFixtures.PIXELS;
import static ai.fresnel.cvs.train.eval.EvalFixtures.SIZE;
import static ai.fresnel.cvs.train.eval.EvalFixtures.signed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineTest {

  private static final int MIDDLE = SIZE / 2 * SIZE + SIZE / 2;

  @TempDir Path folder;

  private ViewPairDataset test;
  private TrainingViews training;
  private final List<String> read = new ArrayList<>();

  /**
   * Trained on a dark object with 6 views of 60 degrees and a light one with 4 of 90; asked for one
   * with 9 views of 40 degrees whose greys lie by the dark one's.
   */
  @BeforeEach
  void write() throws IOException {
    EvalFixtures set =
        new EvalFixtures(folder)
            .add("dark", Split.TRAIN, 40, 6, 60)
            .add("light", Split.TRAIN, 200, 4, 90)
            .add("asked", Split.TEST, 30, 9, 40)
            .add("neither", Split.VALIDATION, 32, 9, 40);
    test = set.load(Split.TEST);
    training = TrainingViews.read(set.set(), (done, total, id) -> read.add(done + "/" + total));
  }

  private static float[] image(float[] images, int index) {
    return Arrays.copyOfRange(images, 3 * PIXELS * index, 3 * PIXELS * (index + 1));
  }

  private static double grey(float[] image) {
    return Math.round((image[MIDDLE] + 1) * 127.5);
  }

  @Test
  void copyIsTheSource() {
    ViewBatch batch = test.gather(List.of(new ViewPair(0, 2, 1, 0), new ViewPair(0, 0, 3, 0)));
    float[] copies = new CopyInput().predict(batch, 0);
    assertArrayEquals(test.image(0, 2), image(copies, 0));
    assertArrayEquals(test.image(0, 0), image(copies, 1));
  }

  @Test
  void meanIsThatOfAllTrainingViews() throws IOException {
    double mean = (40 + 41 + 42 + 43 + 44 + 45 + 200 + 201 + 202 + 203) / 10.0;
    float[] expected = new float[3 * PIXELS];
    Arrays.fill(expected, 1);
    for (int y = MARGIN; y < SIZE - MARGIN; y++) {
      for (int x = MARGIN; x < SIZE - MARGIN; x++) {
        for (int c = 0; c < 3; c++) {
          expected[c * PIXELS + y * SIZE + x] = signed(mean);
        }
      }
    }
    ViewBatch batch = test.gather(List.of(new ViewPair(0, 2, 1, 0), new ViewPair(0, 0, 3, 0)));
    float[] images = new MeanTrainingImage(training).predict(batch, 0);
    assertArrayEquals(expected, image(images, 0), 1e-6f);
    assertArrayEquals(expected, image(images, 1), 1e-6f);
    assertEquals(10, training.size());
    assertEquals(List.of("1/2", "2/2"), read);
  }

  /**
   * Greys 30 to 38 are all nearest to view 0 of the dark object, at azimuth 0, so a turn by 40·(t −
   * s) degrees leads to its view at the nearest multiple of 60.
   */
  @Test
  void nearestIsTheViewThatTheMoveLeadsTo() throws IOException {
    int[][] sourceTargetExpected = {
      {0, 1, 41}, {0, 2, 41}, {0, 4, 43}, {3, 0, 44}, {8, 7, 45}, {4, 5, 41}, {5, 8, 42}
    };
    List<ViewPair> pairs = new ArrayList<>();
    for (int[] row : sourceTargetExpected) {
      pairs.add(new ViewPair(0, row[0], row[1], 0));
    }
    float[] images = new NearestTrainingView(training).predict(test.gather(pairs), 0);
    for (int i = 0; i < pairs.size(); i++) {
      assertEquals(sourceTargetExpected[i][2], grey(image(images, i)), "pair " + i);
    }
  }

  /** The world of the nearest object may be turned: moves start at the view that is nearest. */
  @Test
  void movesStartAtTheNearestView() throws IOException {
    EvalFixtures set =
        new EvalFixtures(folder.resolve("other")).add("light", Split.TEST, 202, 3, 90);
    ViewPairDataset light = set.load(Split.TEST);
    // Source 202 is view 2 of the light object: one step on is its view 3, two steps its view 0.
    ViewBatch batch = light.gather(List.of(new ViewPair(0, 0, 1, 0), new ViewPair(0, 0, 2, 0)));
    float[] images = new NearestTrainingView(training).predict(batch, 0);
    assertEquals(203, grey(image(images, 0)));
    assertEquals(200, grey(image(images, 1)));
  }

  /** The whole set is evaluated: no training object answers about itself or its variants. */
  @Test
  void anEvaluatedTrainingObjectAndItsVariantsAreLeftOut() throws IOException {
    EvalFixtures fixtures =
        new EvalFixtures(folder.resolve("whole"))
            .add("chair-1", Split.TRAIN, 40, 4, 90)
            .add("chair-2", Split.TRAIN, 60, 4, 90)
            .add("lamp", Split.TRAIN, 200, 4, 90)
            .add("stool", Split.TEST, 44, 4, 90);
    ViewSet set = fixtures.set();
    assertEquals(List.of("chair-1", "chair-2"), set.variants().get("chair-2"));
    ViewPairDataset all = ViewPairDataset.load(set, set.ids(), PairOptions.of(1, 0));
    TrainingViews plain = TrainingViews.read(set, (done, total, id) -> {});
    TrainingViews views = plain.leavingOut(all);
    assertEquals(3, views.overlap());
    ViewPairDataset tested = ViewPairDataset.load(set, Split.TEST, PairOptions.of(1, 0));
    assertEquals(0, plain.leavingOut(tested).overlap());
    // Each from view 0 to view 1, 90 degrees on.
    List<ViewPair> pairs = new ArrayList<>();
    for (int object = 0; object < 4; object++) {
      pairs.add(new ViewPair(object, 0, 1, 0));
    }
    ViewBatch batch = all.gather(pairs);
    float[] nearest = new NearestTrainingView(views).predict(batch, 0);
    float[] means = new MeanTrainingImage(views).predict(batch, 0);
    // Both chairs look most like view 0 of the lamp, the lamp like view 3 of the second chair; the
    // stool is no training object and looks like view 3 of the first chair.
    int[] greys = {201, 201, 60, 40};
    double[] meanGreys = {201.5, 201.5, (41.5 + 61.5) / 2, (41.5 + 61.5 + 201.5) / 3};
    for (int object = 0; object < 4; object++) {
      assertEquals(greys[object], grey(image(nearest, object)), "object " + object);
      assertEquals(signed(meanGreys[object]), image(means, object)[MIDDLE], 1e-6, "of " + object);
    }
  }

  @Test
  void aSetOfVariantsOfOneObjectHasNoBaselines() throws IOException {
    EvalFixtures fixtures =
        new EvalFixtures(folder.resolve("family"))
            .add("chair-1", Split.TRAIN, 40, 4, 90)
            .add("chair-2", Split.TRAIN, 60, 4, 90);
    ViewSet set = fixtures.set();
    ViewPairDataset all = ViewPairDataset.load(set, set.ids(), PairOptions.of(1, 0));
    TrainingViews views = TrainingViews.read(set, (done, total, id) -> {});
    IOException error = assertThrows(IOException.class, () -> views.leavingOut(all));
    assertTrue(error.getMessage().contains("variants of chair-1"), error.getMessage());
  }

  @Test
  void imagesOfAnotherSizeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> training.nearest(new float[3 * 8 * 8], 0));
  }

  @Test
  void aSplitWithoutTrainingObjectsIsRefused() throws IOException {
    EvalFixtures set = new EvalFixtures(folder.resolve("none")).add("a", Split.TEST, 9, 2, 90);
    assertThrows(IOException.class, () -> TrainingViews.read(set.set(), (d, t, id) -> {}));
  }

  @Test
  void thumbnailsAreMeansOfCells() {
    float[] image = new float[3 * 40 * 40];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) Math.sin(0.37 * i);
    }
    float[] cells = Thumbnail.of(image, 40);
    assertEquals(3 * 16 * 16, cells.length);
    // Of 40 pixels cell 3 has 8 and 9 (16 * 8 / 40 = 3.2), cell 5 has 13 and 14 (5.2 and 5.6).
    double sum = 0;
    for (int y : new int[] {8, 9}) {
      for (int x : new int[] {13, 14}) {
        sum += image[2 * 1600 + y * 40 + x];
      }
    }
    assertEquals(sum / 4, cells[2 * 256 + 3 * 16 + 5], 1e-6);
    float[] small = Arrays.copyOf(image, 3 * 4 * 4);
    assertArrayEquals(small, Thumbnail.of(small, 4));
  }
}
