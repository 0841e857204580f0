/**
 * What the network's blocks are made of: {@link ai.fresnel.cvs.block.FusedBlock}, a leaf whose
 * forward is one TorchScript function, {@link ai.fresnel.cvs.block.Product}, a matrix product or
 * convolution that a block declares, {@link ai.fresnel.cvs.block.NetworkBlock}, which knows its
 * parameters' shapes before it sees an input, and {@link ai.fresnel.cvs.block.Weights}, the door:
 * the parameters of any block by stable names, initialised from a seed. {@link
 * ai.fresnel.cvs.block.ActivationCheckpointing} computes parts of a network twice, so that training
 * keeps less.
 */
package ai.fresnel.cvs.block;
