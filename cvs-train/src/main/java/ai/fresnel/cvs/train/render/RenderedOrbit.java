package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.procedural.Seeds;
import ai.fresnel.cvs.train.viewset.View;
import java.util.List;

/** The true images of an orbit around a mesh, with their depth. */
public final class RenderedOrbit {

  private RenderedOrbit() {}

  /**
   * Renders a ring of views at the elevation and radius of a camera drawn as those of training
   * views are; the first view is that camera's.
   *
   * @param id the object's name, which decides camera and light together with the seed
   * @param mesh what to draw
   * @param frames how many views, at least 2
   * @param size width and height of each in pixels
   * @param seed of cameras and lights
   * @return the views, with depth, all with one lens
   */
  public static List<View> of(String id, Mesh mesh, int frames, int size, long seed) {
    long own = Seeds.derive(seed, id);
    Rasterizer rasterizer =
        new Rasterizer(mesh, Lighting.random(own), Rasterizer.DEFAULT_SUPERSAMPLING);
    Intrinsics lens = ViewCameras.intrinsics(size);
    CameraPose first = ViewCameras.random(1, own).get(0);
    return Orbit.ring(frames).around(first).stream()
        .map(
            pose -> {
              RenderedView view = rasterizer.render(pose, lens);
              return View.of(lens, pose, view.rgba()).withDepth(view.depth());
            })
        .toList();
  }
}
