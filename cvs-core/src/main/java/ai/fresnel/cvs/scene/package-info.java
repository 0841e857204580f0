/**
 * Scenes and the cameras that see them.
 *
 * <p>The door is {@link ai.fresnel.cvs.scene.Scene}: it is rendered for a {@link
 * ai.fresnel.cvs.scene.CameraBatch}, which names the numbers of a camera move, and returns a {@link
 * ai.fresnel.cvs.scene.Rendering} of colour, opacity and depth. {@link
 * ai.fresnel.cvs.scene.FrustumVolume} is the scene that the network makes of a photograph.
 *
 * <p>What scenes and losses compute with cameras is written once, as TorchScript: {@link
 * ai.fresnel.cvs.scene.Rays} and {@link ai.fresnel.cvs.scene.Compositing}, called through {@link
 * ai.fresnel.cvs.scene.SceneScript}.
 */
package ai.fresnel.cvs.scene;
