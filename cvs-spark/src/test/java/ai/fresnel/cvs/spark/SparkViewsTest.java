package ai.fresnel.cvs.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.Photographs;
import ai.fresnel.cvs.train.image.PngBytes;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class SparkViewsTest {

  private static final int VIEWS = 2;
  private static final AtomicInteger KILLS = new AtomicInteger();

  /** A box of a colour on white, or on noise. */
  private static byte[] photograph(Color colour, boolean busy) throws IOException {
    BufferedImage image = new BufferedImage(90, 70, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 70; y++) {
      for (int x = 0; x < 90; x++) {
        image.setRGB(x, y, busy ? (x * 7919 + y * 104729) * 2654435 : 0xFFFFFF);
      }
    }
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(25, 20, 40, 30);
    graphics.dispose();
    return PngBytes.of(image);
  }

  private static Row camera(double azimuth, double elevation) {
    return RowFactory.create(azimuth, elevation, 1.7);
  }

  private static Row row(String id, byte[] photograph, byte[] mask, Row source) {
    List<Row> targets = new ArrayList<>();
    for (int view = 0; view < VIEWS; view++) {
      targets.add(camera(30 + 60 * view, 10));
    }
    return RowFactory.create(id, photograph, mask, source, targets, 7L);
  }

  private static Dataset<Row> table(List<Row> rows, int partitions) {
    return LocalSpark.session()
        .createDataFrame(rows, SparkViews.INPUT)
        .repartitionByRange(partitions, org.apache.spark.sql.functions.col("id"))
        .sortWithinPartitions("id");
  }

  private static List<Row> good(int count) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] photograph = photograph(Color.getHSBColor(i / 7f, 0.8f, 0.7f), false);
      rows.add(row("object-" + i, photograph, null, camera(0, 20)));
    }
    return rows;
  }

  private static List<Row> drawn(Dataset<Row> photographs) {
    return SparkViews.draw(photographs, DrawSettings.defaults())
        .orderBy("id", "view")
        .collectAsList();
  }

  @Test
  void viewsAreThoseOfTheLibrary() throws IOException {
    List<Row> rows = good(3);
    List<Row> views = drawn(table(rows, 2));
    assertEquals(3 * VIEWS, views.size());
    CameraPose source = CameraPose.orbit(0, Math.toRadians(20), 1.7);
    List<CameraPose> targets =
        List.of(
            CameraPose.orbit(Math.toRadians(30), Math.toRadians(10), 1.7),
            CameraPose.orbit(Math.toRadians(90), Math.toRadians(10), 1.7));
    try (ViewSynthesizer cvs = ViewSynthesizer.load(SynthesizerOptions.defaults().withThreads(1))) {
      for (int i = 0; i < 3; i++) {
        Photograph photo = Photographs.read(ImageFile.of("photo", rows.get(i).getAs(1)));
        List<Image> expected =
            cvs.generate(ViewRequest.of(photo, source, targets).withSeed(7)).images();
        for (int view = 0; view < VIEWS; view++) {
          Row actual = views.get(VIEWS * i + view);
          assertEquals("object-" + i, actual.getAs("id"));
          assertEquals(view, actual.<Integer>getAs("view"));
          assertArrayEquals(PngBytes.of(expected.get(view)), actual.<byte[]>getAs("png"));
          assertNull(actual.getAs("error"));
          assertTrue(actual.<Double>getAs("milliseconds") > 0);
        }
      }
    }
  }

  @Test
  void badPhotographsAreRowsWithAReason() throws IOException {
    byte[] box = photograph(Color.RED, false);
    byte[] text = "no image".getBytes(StandardCharsets.UTF_8);
    BufferedImage small = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
    List<Row> rows =
        List.of(
            row("0 good", box, null, camera(0, 20)),
            row("1 text", text, null, camera(0, 20)),
            row("2 null", null, null, camera(0, 20)),
            row("3 busy", photograph(Color.RED, true), null, camera(0, 20)),
            row("4 mask", box, PngBytes.of(small), camera(0, 20)),
            row("5 camera", box, null, camera(0, 95)),
            row("6 camera", box, null, null),
            RowFactory.create("7 none", box, null, camera(0, 20), List.of(), null),
            row("8 good", box, null, camera(0, 20)));
    List<Row> views = drawn(table(rows, 1));
    assertEquals(8 * VIEWS + 1, views.size());
    List<String> reasons = new ArrayList<>();
    for (Row view : views) {
      boolean isGood = view.<String>getAs("id").endsWith("good");
      assertEquals(isGood, view.getAs("png") != null);
      assertEquals(isGood, view.getAs("error") == null);
      if (view.getAs("view") == null || view.<Integer>getAs("view") == 0) {
        reasons.add(view.getAs("error"));
      }
    }
    assertEquals(9, reasons.size());
    assertTrue(reasons.get(1).startsWith("photograph: "), reasons.get(1));
    assertEquals("photograph is null, expected PNG or JPEG", reasons.get(2));
    assertTrue(reasons.get(3).contains("background"), reasons.get(3));
    assertEquals("mask is 20×20 pixels, expected the photograph's 90×70", reasons.get(4));
    assertEquals("source: elevation is 95.0 degrees, expected -90 to 90", reasons.get(5));
    assertEquals("source lacks a value, expected azimuth, elevation and radius", reasons.get(6));
    assertEquals("request has no target cameras, expected at least 1", reasons.get(7));
    assertNull(views.get(views.size() - VIEWS - 1).getAs("view"));
  }

  /** The first attempt ends before the last photograph of its partition; the second begins anew. */
  @Test
  void aKilledTaskIsRepeatedToTheSameBytes() throws IOException {
    List<Row> rows = good(4);
    List<Row> expected = drawn(table(rows, 2));
    KILLS.set(0);
    Dataset<Row> killing =
        table(rows, 2)
            .map(
                (MapFunction<Row, Row>)
                    row -> {
                      if (row.getAs("id").equals("object-3")
                          && TaskContext.get().attemptNumber() == 0) {
                        KILLS.incrementAndGet();
                        throw new IllegalStateException("killed midway");
                      }
                      return row;
                    },
                Encoders.row(SparkViews.INPUT));
    List<Row> repeated = drawn(killing);
    assertTrue(KILLS.get() > 0, "no task was killed");
    assertEquals(expected.size(), repeated.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).<String>getAs("id"), repeated.get(i).getAs("id"));
      assertEquals(expected.get(i).<Integer>getAs("view"), repeated.get(i).getAs("view"));
      assertNotNull(expected.get(i).getAs("png"));
      assertArrayEquals(expected.get(i).<byte[]>getAs("png"), repeated.get(i).<byte[]>getAs("png"));
    }
  }

  @Test
  void columnsAreCheckedAndCast() throws IOException {
    Dataset<Row> photographs = table(good(1), 1);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> SparkViews.draw(photographs.drop("source"), DrawSettings.defaults()))
            .getMessage();
    assertTrue(message.startsWith("table of photographs has no column source"), message);
    Dataset<Row> other =
        photographs
            .drop("mask", "seed")
            .withColumn(
                "source",
                org.apache.spark.sql.functions.expr(
                    "named_struct('azimuth', 0, 'elevation', 20, 'radius', 1.7D)"));
    assertFalse(drawn(other).stream().anyMatch(row -> row.getAs("png") == null));
  }

  @Test
  void aMissingModelFailsTheJob() throws IOException {
    DrawSettings missing =
        DrawSettings.defaults().withModel(new ModelSource.Folder("/nowhere/model"));
    Dataset<Row> views = SparkViews.draw(table(good(1), 1), missing);
    Exception failure = assertThrows(Exception.class, views::collectAsList);
    assertTrue(failure.getMessage().contains("/nowhere/model"), failure.getMessage());
  }

  /** Spark puts what it sends into one folder of each executor. */
  @Test
  void aFolderThatSparkHasSentIsFound() throws IOException {
    LocalSpark.session();
    Path sent = Files.createDirectory(Path.of(SparkFiles.get("sent-model")));
    for (String file : ModelFolder.FILES) {
      try (InputStream in = ViewSynthesizer.class.getResourceAsStream("bundled/" + file)) {
        Files.copy(in, sent.resolve(file));
      }
    }
    SynthesizerOptions options = SynthesizerOptions.defaults().withThreads(1);
    try (ViewSynthesizer cvs = new ModelSource.Folder("sent-model").load(options)) {
      assertEquals("small64", cvs.config().name());
    }
  }

  @Test
  void tasksShareAModelUntilNoneNeedsIt() throws Exception {
    SharedModels models = new SharedModels(Duration.ofMillis(1));
    SharedModels.Lease first = models.lease(DrawSettings.defaults(), 1);
    SharedModels.Lease second = models.lease(DrawSettings.defaults(), 1);
    ViewSynthesizer shared = first.synthesizer();
    assertSame(shared, second.synthesizer());
    first.close();
    first.close();
    CameraPose pose = CameraPose.orbit(0, 0.3, 1.7);
    Photograph photo = Photographs.read(ImageFile.of("photo", photograph(Color.RED, false)));
    ViewRequest request = ViewRequest.of(photo, pose, List.of(pose));
    assertEquals(1, shared.generate(request).views().size());
    second.close();
    for (int i = 0; i < 500 && !isClosed(shared, request); i++) {
      Thread.sleep(10);
    }
    assertTrue(isClosed(shared, request), "the model was not closed");
    try (SharedModels.Lease next = models.lease(DrawSettings.defaults(), 1)) {
      assertNotSame(shared, next.synthesizer());
    }
  }

  private static boolean isClosed(ViewSynthesizer synthesizer, ViewRequest request) {
    try {
      synthesizer.generate(request);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }
}
