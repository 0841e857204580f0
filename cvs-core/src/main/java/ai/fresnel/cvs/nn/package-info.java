/**
 * The network as DJL blocks.
 *
 * <p>The door is {@link ai.fresnel.cvs.nn.ViewNetwork}, built from a {@link
 * ai.fresnel.cvs.model.ModelConfig}: a detail encoder and a pose encoder turn the photograph and
 * the camera move into a {@link ai.fresnel.cvs.diffusion.Conditioning}, and a U-Net predicts from
 * the noisy image. {@link ai.fresnel.cvs.block.Weights} names, initialises and counts parameters;
 * {@link ai.fresnel.cvs.nn.DenoiserNetwork} is what training sees.
 *
 * <p>Every leaf is a fused block: its forward is TorchScript source held once, weights passed in.
 */
package ai.fresnel.cvs.nn;
