/**
 * Meshes to views, on the CPU and in plain Java.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.render.ViewSetRenderer}: it takes a list of {@link
 * ai.fresnel.cvs.train.mesh.MeshSource}s and a {@link ai.fresnel.cvs.train.render.RenderJob} and
 * hands out the views of one object after another. {@link
 * ai.fresnel.cvs.train.render.RenderedPairs} renders pairs of views for training as they are
 * needed. A single view comes from a {@link ai.fresnel.cvs.train.render.Rasterizer}, lit by a
 * {@link ai.fresnel.cvs.train.render.Lighting} that stands still in the world, seen by the cameras
 * of {@link ai.fresnel.cvs.train.render.ViewCameras}.
 */
package ai.fresnel.cvs.train.render;
