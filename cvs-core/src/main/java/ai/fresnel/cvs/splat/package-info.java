/**
 * 3D Gaussian splatting in plain Java, without an engine: scenes of Gaussians and their images.
 *
 * <p>Start at {@link ai.fresnel.cvs.splat.GaussianCloud}, a scene; {@link
 * ai.fresnel.cvs.splat.GaussianArrays} are its numbers. {@link ai.fresnel.cvs.splat.SplatRenderer}
 * draws its images, and its {@link ai.fresnel.cvs.splat.SplatFrame}s know their gradients. Within,
 * a {@code Projector} makes ellipses of Gaussians, {@code TileLists} sort them into tiles of 16×16
 * pixels, a {@code TileRenderer} draws one tile; {@code TileGradient} and {@code
 * ProjectionGradient} go the same way back.
 *
 * <p>Conventions are gsplat's and INRIA's: quaternions w x y z, logarithms of scales, logits of
 * opacities, cameras with OpenCV axes.
 */
package ai.fresnel.cvs.splat;
