/**
 * Surfaces of fields: watertight meshes with colours, in binary glTF.
 *
 * <p>A {@link ai.fresnel.cvs.surface.FieldGrid} holds a density or an opacity and colours on a
 * regular grid, for example those of a {@linkplain ai.fresnel.cvs.surface.GaussianField cloud of
 * Gaussians}. {@link ai.fresnel.cvs.surface.MarchingCubes} makes the mesh where the field crosses a
 * level, and {@link ai.fresnel.cvs.surface.SurfaceGlb} writes it.
 */
package ai.fresnel.cvs.surface;
