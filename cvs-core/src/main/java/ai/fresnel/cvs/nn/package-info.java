/**
 * Networks as DJL blocks: the {@link ai.fresnel.cvs.nn.UNet} of a {@link
 * ai.fresnel.cvs.model.UNetConfig}, {@link ai.fresnel.cvs.nn.DenoisingUNet} with all that surrounds
 * it, and the encoders of the photograph and the cameras. {@link ai.fresnel.cvs.nn.NetworkMemory}
 * counts the activations that training keeps.
 *
 * <p>Every leaf is a fused block: its forward is TorchScript source held once, weights passed in.
 * {@link ai.fresnel.cvs.block.Product} declares every matrix product and convolution.
 */
package ai.fresnel.cvs.nn;
