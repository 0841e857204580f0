/**
 * Meshes to views, on the CPU and in plain Java.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.render.RenderShard}: a part of a view set in plain
 * values, which plans and renders itself on any machine. {@link
 * ai.fresnel.cvs.train.render.ViewSetRenderer} hands the views of one object after another to the
 * caller instead; {@link ai.fresnel.cvs.train.render.RenderedPairs} renders pairs of views for
 * training when they are needed. A single view comes from a {@link
 * ai.fresnel.cvs.train.render.Rasterizer}, lit by a {@link ai.fresnel.cvs.train.render.Lighting}
 * that stands still in the world, seen by the cameras of {@link
 * ai.fresnel.cvs.train.render.ViewCameras}.
 */
package ai.fresnel.cvs.train.render;
