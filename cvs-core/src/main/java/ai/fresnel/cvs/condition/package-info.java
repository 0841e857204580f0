/**
 * Conditions of a denoising network. The door is {@link ai.fresnel.cvs.condition.Conditioner}, an
 * ordered list of named conditions: the photograph itself, its tokens, the view rendered of its
 * volume, the camera move. It encodes a photograph once, into an {@link
 * ai.fresnel.cvs.condition.PhotographCode}, and makes a conditioning of it for each target camera.
 */
package ai.fresnel.cvs.condition;
