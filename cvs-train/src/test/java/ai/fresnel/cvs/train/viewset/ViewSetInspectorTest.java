package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewSetInspectorTest {

  private static final CameraPose POSE = CameraPose.orbit(0, 0.3, 1.7);

  @TempDir Path folder;

  private ViewSetInspector inspect(List<View> views) throws IOException {
    ViewSetWriter writer = new ViewSetWriter(folder);
    writer.write("a", views, Fixtures.meta("", "m"));
    writer.finish();
    return ViewSetInspector.inspect(folder);
  }

  private static View view(CameraPose pose, byte[] rgba) {
    return View.of(Fixtures.LENS, pose, rgba);
  }

  /** A view whose object touches the border. */
  private static View clipped() {
    byte[] clipped = Fixtures.square(90, 90, 90, 4);
    clipped[4 * 5 + 3] = (byte) 255;
    return view(POSE, clipped);
  }

  @Test
  void aSoundSetIsSound() throws IOException {
    Fixtures.write(folder, 12, 3);
    ViewSetInspector inspector = ViewSetInspector.inspect(folder);
    assertFalse(inspector.spoilsTraining(), inspector.report());
    assertEquals(12, inspector.objects());
    assertEquals(36, inspector.views());
    assertTrue(inspector.report().contains("{16x16=36}"), inspector.report());
  }

  @Test
  void sigmaDataIsTheStandardDeviation() throws IOException {
    // Half of all values are −1 (black rows), half are 1 (white background): deviation 1.
    byte[] half = new byte[4 * 256];
    for (int i = 0; i < 128; i++) {
      half[4 * i + 3] = (byte) 255;
    }
    assertEquals(1, inspect(List.of(view(POSE, half))).sigmaData(), 1e-9);
  }

  @Test
  void sigmaDataOfAQuarter() throws IOException {
    // A quarter at −1, the rest at 1: mean 0.5, deviation sqrt(1 − 0.25).
    List<View> views = List.of(view(POSE, Fixtures.square(0, 0, 0, 4)));
    assertEquals(Math.sqrt(0.75), inspect(views).sigmaData(), 1e-9);
  }

  @Test
  void emptyBlackClippedAndOpaqueViewsAreCounted() throws IOException {
    List<View> views = new ArrayList<>();
    views.add(view(POSE, new byte[4 * 256]));
    views.add(view(POSE, Fixtures.square(3, 3, 3, 4)));
    views.add(clipped());
    views.add(view(POSE, Fixtures.square(90, 90, 90, 0)));
    ViewSetInspector inspector = inspect(views);
    assertTrue(inspector.spoilsTraining());
    String report = inspector.report();
    for (String fault : List.of("empty:", "black:", "clipped:", "without background:")) {
      assertTrue(report.contains("1 of 4 views (25.00 %) are " + fault), report);
    }
  }

  @Test
  void aRareFaultIsOnlyARemark() throws IOException {
    List<View> views = new ArrayList<>(Fixtures.views(1, 99));
    views.add(view(POSE, new byte[4 * 256]));
    ViewSetInspector inspector = inspect(views);
    assertFalse(inspector.spoilsTraining(), inspector.report());
    assertTrue(inspector.problems().stream().anyMatch(line -> line.contains("empty")));
  }

  @Test
  void someClippedViewsAreOnlyARemark() throws IOException {
    List<View> views = new ArrayList<>(Fixtures.views(1, 5));
    views.add(clipped());
    assertFalse(inspect(views).spoilsTraining());
  }

  @Test
  void manyClippedViewsSpoil() throws IOException {
    List<View> views = new ArrayList<>(Fixtures.views(1, 5));
    views.add(clipped());
    views.add(clipped());
    assertTrue(inspect(views).spoilsTraining());
  }

  @Test
  void wrongCamerasAreFound() throws IOException {
    byte[] image = Fixtures.square(90, 90, 90, 4);
    CameraPose beside = CameraPose.lookAt(new double[] {1.7, 0, 0}, new double[] {0, 0.2, 0});
    ViewSetInspector inspector =
        inspect(List.of(view(beside, image), view(CameraPose.orbit(0, 0, 5), image)));
    assertTrue(inspector.spoilsTraining());
    // atan(0.2 / 1.7) is 6.7 degrees.
    assertTrue(
        inspector.problems().get(0).startsWith("a/000: camera looks 6.7 degrees past the origin"),
        inspector.report());
    assertEquals("a/001: radius is 5.000, expected 1.500 to 2.200", inspector.problems().get(1));
  }

  @Test
  void damagedFilesAreListedAndTheRestIsRead() throws IOException {
    Fixtures.write(folder, 2, 2);
    Path broken = folder.resolve(Fixtures.id(0)).resolve("001.png");
    Files.write(broken, new byte[10]);
    ViewSetInspector inspector = ViewSetInspector.inspect(folder);
    assertTrue(inspector.spoilsTraining());
    assertEquals(3, inspector.views());
    assertTrue(inspector.problems().get(0).startsWith(broken + ": "), inspector.report());
  }

  @Test
  void stemsThatJoinEverythingAreRemarked() throws IOException {
    ViewSetWriter writer = new ViewSetWriter(folder);
    for (int i = 0; i < 10; i++) {
      writer.write(Fixtures.id(i), Fixtures.views(i, 2), Fixtures.meta("thing_" + i, "m" + i));
    }
    writer.finish();
    String report = ViewSetInspector.inspect(folder).report();
    assertTrue(report.contains("10 of 10 objects count as variants of one"), report);
  }
}
