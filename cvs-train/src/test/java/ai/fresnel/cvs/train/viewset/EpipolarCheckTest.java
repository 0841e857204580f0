package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpipolarCheckTest {

  private static final int OBJECTS = 6;

  @TempDir Path folder;

  /** Rendered furniture with each camera replaced by another. */
  private static List<List<View>> rendered(UnaryOperator<CameraPose> change) throws IOException {
    List<List<View>> objects = new ArrayList<>();
    for (int i = 0; i < OBJECTS; i++) {
      var mesh = ProceduralScenes.sources(OBJECTS, 20).get(i).load().mesh();
      List<View> views = new ArrayList<>();
      for (RenderedView view :
          ViewSetRenderer.renderObject("object" + i, mesh, RenderJob.of(6, 64, 1))) {
        views.add(View.of(view.intrinsics(), change.apply(view.pose()), view.rgba()));
      }
      objects.add(views);
    }
    return objects;
  }

  private static double[] differences(UnaryOperator<CameraPose> change) throws IOException {
    List<Double> all = new ArrayList<>();
    for (List<View> views : rendered(change)) {
      for (View a : views) {
        for (View b : views) {
          EpipolarCheck.pixels(a, b).ifPresent(all::add);
        }
      }
    }
    assertTrue(all.size() > 50, all.size() + " pairs could be compared");
    return all.stream().mapToDouble(v -> v).sorted().toArray();
  }

  @Test
  void touchingPlanesAgreeToAPixelOrTwo() throws IOException {
    double[] right = differences(pose -> pose);
    assertTrue(right[right.length / 2] < 0.7, Arrays.toString(right));
    assertTrue(right[right.length * 9 / 10] < 1.6, Arrays.toString(right));
  }

  private static CameraPose transposed(CameraPose pose) {
    double[] r = pose.rotation();
    double[] t = {r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]};
    return CameraPose.of(t, pose.translation());
  }

  @Test
  void wrongConventionsAreFarOff() throws IOException {
    List<UnaryOperator<CameraPose>> mistakes =
        List.of(
            // Azimuth the wrong way round, elevation upside down, rows for columns.
            pose -> CameraPose.orbit(-pose.azimuth(), pose.elevation(), pose.radius()),
            pose -> CameraPose.orbit(pose.azimuth(), -pose.elevation(), pose.radius()),
            EpipolarCheckTest::transposed);
    for (UnaryOperator<CameraPose> mistake : mistakes) {
      double[] wrong = differences(mistake);
      assertTrue(wrong[wrong.length * 3 / 4] > 2.5, "" + wrong[wrong.length * 3 / 4]);
    }
  }

  private ViewSetInspector inspect(List<List<View>> objects) throws IOException {
    ViewSetWriter writer = new ViewSetWriter(folder);
    for (int i = 0; i < objects.size(); i++) {
      List<View> views = objects.get(i);
      ObjectMeta meta =
          new ObjectMeta(views.get(0).intrinsics(), 1.5, 2.2, "", "CC0-1.0", "", "o" + i, "m" + i);
      writer.write("object" + i, views, meta);
    }
    writer.finish();
    return ViewSetInspector.inspect(folder);
  }

  @Test
  void theInspectorRefusesCamerasOfOtherImages() throws IOException {
    ViewSetInspector sound = inspect(rendered(pose -> pose));
    assertFalse(sound.spoilsTraining(), sound.report());
    assertTrue(sound.report().contains("cameras     silhouettes agree within 0."), sound.report());
  }

  @Test
  void theInspectorRefusesCamerasUpsideDown() throws IOException {
    ViewSetInspector wrong =
        inspect(
            rendered(pose -> CameraPose.orbit(pose.azimuth(), -pose.elevation(), pose.radius())));
    assertTrue(wrong.spoilsTraining());
    assertTrue(
        wrong.problems().get(0).contains("the cameras are not those of the images"),
        wrong.report());
  }

  @Test
  void copiesAreFoundAndSpoilWhereTheyAreInTwoSplits() throws IOException {
    List<List<View>> objects = new ArrayList<>(rendered(pose -> pose));
    objects.add(objects.get(2));
    ViewSetInspector found = inspect(objects);
    String line =
        found.problems().stream().filter(p -> p.contains("copies")).findFirst().orElseThrow();
    assertTrue(
        line.startsWith("1 objects are copies or variants of others: object6 of object2"), line);
    ViewSet set = ViewSet.open(folder);
    boolean leak = set.split("object2") != set.split("object6");
    assertEquals(leak, found.spoilsTraining(), found.report());
    assertEquals(leak, line.contains("1 in another split than the first"), line);
  }
}
