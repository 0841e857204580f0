/**
 * 3D Gaussian splatting in plain Java, without an engine: scenes of Gaussians and their images.
 *
 * <p>Start at {@link ai.fresnel.cvs.splat.GaussianCloud}, a scene; {@link
 * ai.fresnel.cvs.splat.GaussianArrays} are its numbers. {@link
 * ai.fresnel.cvs.splat.SphericalHarmonics} make colours that depend on the direction.
 *
 * <p>Conventions are gsplat's and INRIA's: quaternions w x y z, logarithms of scales, logits of
 * opacities, cameras with OpenCV axes.
 */
package ai.fresnel.cvs.splat;
