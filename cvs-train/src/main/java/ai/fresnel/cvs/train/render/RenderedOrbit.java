package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.procedural.Seeds;
import ai.fresnel.cvs.train.viewset.View;
import java.util.List;

/** Renders the true images of an orbit around a mesh, with depth. */
public final class RenderedOrbit {

  private RenderedOrbit() {}

  /**
   * Renders a ring of views at the elevation and radius of a random camera, drawn like those of
   * training views. It is the camera of the first view.
   *
   * @param id the id of the object, which decides camera and light together with the seed
   * @param mesh the mesh
   * @param frames the number of views, at least 2
   * @param size width and height of each in pixels
   * @param seed the seed of cameras and lights
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
