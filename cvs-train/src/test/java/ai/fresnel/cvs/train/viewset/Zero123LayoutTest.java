package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Zero123LayoutTest {

  private static final int SIZE = 120;

  @TempDir Path folder;

  /**
   * What one image shows lies, from every other camera as it was read without a {@code meta.json},
   * within the object's silhouette. Leaves an image in the build's folder.
   */
  @Test
  void surfacePointsFallOnTheObject() throws IOException {
    var mesh = ProceduralScenes.sources(1, 5).get(0).load().mesh();
    List<RenderedView> rendered =
        ViewSetRenderer.renderObject("bed", mesh, RenderJob.of(4, SIZE, 1));
    Intrinsics lens = rendered.get(0).intrinsics();
    List<View> views =
        rendered.stream().map(v -> View.of(v.intrinsics(), v.pose(), v.rgba())).toList();
    ViewSetWriter writer = new ViewSetWriter(folder);
    writer.write("bed", views, new ObjectMeta(lens, 1.5, 2.2, "", "CC0-1.0", "", "", ""));
    Files.delete(folder.resolve("bed").resolve("meta.json"));
    ViewObject object = ViewSet.open(folder).object("bed");
    BufferedImage sheet = new BufferedImage(4 * 320, 320, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 4; i++) {
      View view = object.read(i);
      Graphics2D graphics = sheet.createGraphics();
      graphics.translate(320 * i, 0);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, 320, 320);
      Path image = folder.resolve("bed").resolve(ViewObject.name(i, ".png"));
      graphics.drawImage(ImageIO.read(image.toFile()), 0, 0, 320, 320, null);
      graphics.setColor(Color.MAGENTA);
      int points = 0;
      for (int p = 0; p < SIZE * SIZE; p += 3) {
        double z = rendered.get(0).depth()[p];
        if (z > 0) {
          double[] camera = {
            (p % SIZE + 0.5 - lens.cx()) / lens.fx() * z,
            (Math.floorDiv(p, SIZE) + 0.5 - lens.cy()) / lens.fy() * z,
            z
          };
          double[] moved = Vectors.subtract(camera, rendered.get(0).pose().translation());
          double[] world = Vectors.multiplyTransposed(rendered.get(0).pose().rotation(), moved);
          double[] pixel = view.intrinsics().project(view.pose().toCamera(world));
          assertTrue(isNear(view, pixel), "view " + i + ": " + Arrays.toString(pixel));
          graphics.fillRect((int) (pixel[0] * 320 / SIZE), (int) (pixel[1] * 320 / SIZE), 2, 2);
          points++;
        }
      }
      assertTrue(points > 200, points + " points");
      graphics.dispose();
    }
    Path file = Path.of("target", "conventions", "zero123.png");
    Files.createDirectories(file.getParent());
    ImageIO.write(sheet, "png", file.toFile());
  }

  /** Whether a pixel of the object is at most one pixel away, or the point out of the image. */
  private static boolean isNear(View view, double[] pixel) {
    for (int k = 0; k < 9; k++) {
      int x = (int) Math.floor(pixel[0]) + k % 3 - 1;
      int y = (int) Math.floor(pixel[1]) + Math.floorDiv(k, 3) - 1;
      if (x < 0 || y < 0 || x >= SIZE || y >= SIZE || view.rgba()[4 * (SIZE * y + x) + 3] != 0) {
        return true;
      }
    }
    return false;
  }
}
