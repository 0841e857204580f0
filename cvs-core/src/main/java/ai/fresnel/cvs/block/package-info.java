/**
 * Building blocks of networks.
 *
 * <p>Start at {@link ai.fresnel.cvs.block.Weights}: it lists the parameters of any block by stable
 * names and initialises them from a seed. A {@link ai.fresnel.cvs.block.FusedBlock} is a leaf whose
 * forward is one TorchScript function; it declares each matrix product and convolution as a {@link
 * ai.fresnel.cvs.block.Product}. A {@link ai.fresnel.cvs.block.NetworkBlock} knows the shapes of
 * its parameters before it sees an input.
 */
package ai.fresnel.cvs.block;
