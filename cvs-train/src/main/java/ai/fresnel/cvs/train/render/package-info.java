/**
 * Meshes and procedural scenes to pictures, on the CPU and in plain Java.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.render.ViewSetRenderer}: it takes a list of {@link
 * ai.fresnel.cvs.train.render.MeshSource}s and a {@link ai.fresnel.cvs.train.render.RenderJob} and
 * hands out the views of one object after another. The sources are OBJ files of a folder or of zip
 * archives ({@link ai.fresnel.cvs.train.render.MeshFiles}) or furniture made from a seed ({@link
 * ai.fresnel.cvs.train.render.ProceduralScenes}). A single picture comes from a {@link
 * ai.fresnel.cvs.train.render.Rasterizer}, lit by a {@link ai.fresnel.cvs.train.render.Lighting}
 * that stands still in the world, seen by the cameras of {@link
 * ai.fresnel.cvs.train.render.ViewCameras}.
 */
package ai.fresnel.cvs.train.render;
