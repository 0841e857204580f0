/**
 * Renders meshes to views, on the CPU in plain Java.
 *
 * <p>Start at {@link ai.fresnel.cvs.train.render.RenderShard}: it describes a part of a view set in
 * plain values, and plans and renders it on any machine. {@link
 * ai.fresnel.cvs.train.render.ViewSetRenderer} passes the views of each object to the caller
 * instead. {@link ai.fresnel.cvs.train.render.RenderedPairs} renders pairs of views during
 * training. {@link ai.fresnel.cvs.train.render.Rasterizer} renders a single view, lit by a {@link
 * ai.fresnel.cvs.train.render.Lighting} that is fixed in the world, from a camera of {@link
 * ai.fresnel.cvs.train.render.ViewCameras}.
 */
package ai.fresnel.cvs.train.render;
