/**
 * Makes 3D Gaussians of views: from rendered or generated views of an object, or from photographs
 * with known cameras.
 *
 * <p>Start at {@link ai.fresnel.cvs.train.splat.SplatOptimiser}, with {@link
 * ai.fresnel.cvs.train.splat.SplatSettings} and the first Gaussians of {@link
 * ai.fresnel.cvs.train.splat.InitialPoints}. Images and gradients are those of {@link
 * ai.fresnel.cvs.splat.SplatRenderer}. {@link ai.fresnel.cvs.train.splat.SplatRun} does it in a
 * folder and goes on where it was stopped; only its state file needs an engine.
 */
package ai.fresnel.cvs.train.splat;
