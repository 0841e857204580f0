/**
 * Scenes and the cameras that see them.
 *
 * <p>Start at {@link ai.fresnel.cvs.scene.Scene}: it renders a {@link
 * ai.fresnel.cvs.scene.CameraBatch}, which names the numbers of a camera move, to a {@link
 * ai.fresnel.cvs.scene.Rendering} of colour, opacity and depth. {@link
 * ai.fresnel.cvs.scene.FrustumVolume} is the scene that the network predicts from a photograph.
 *
 * <p>Scenes and losses share their camera mathematics, written in TorchScript: {@link
 * ai.fresnel.cvs.scene.Rays} and {@link ai.fresnel.cvs.scene.Compositing}, called through {@link
 * ai.fresnel.cvs.scene.SceneScript}.
 */
package ai.fresnel.cvs.scene;
