/**
 * What DJL lacks, in one place: fused operations and whole-model updates as TorchScript.
 *
 * <p>The door is {@link ai.fresnel.cvs.torch.TorchFunction}: a few lines of TorchScript, compiled
 * once by libtorch from an archive written in memory ({@link
 * ai.fresnel.cvs.torch.TorchScriptArchive}), called like a Java function and differentiable. {@link
 * ai.fresnel.cvs.torch.TorchOps} holds the single operations; the blocks of {@code nn} hold a whole
 * forward each. {@link ai.fresnel.cvs.torch.TorchRuntime} owns what is per process or per thread:
 * devices, thread counts, the gradient mode.
 */
package ai.fresnel.cvs.torch;
