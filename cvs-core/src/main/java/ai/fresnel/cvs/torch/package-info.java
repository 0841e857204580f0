/**
 * What DJL lacks, in one place: fused operations and whole-model updates as TorchScript.
 *
 * <p>The door is {@link ai.fresnel.cvs.torch.TorchFunction}: a few lines of TorchScript, compiled
 * once by libtorch from an archive written in memory ({@link
 * ai.fresnel.cvs.torch.TorchScriptArchive}), called like a Java function and differentiable. {@link
 * ai.fresnel.cvs.torch.TorchOps} holds the single operations; the blocks of {@code nn} hold a whole
 * forward each. {@link ai.fresnel.cvs.torch.TorchRuntime} owns what is per process or per thread:
 * which libtorch is loaded, devices, thread counts, the gradient mode.
 *
 * <p>ROCm, which DJL does not know: {@link ai.fresnel.cvs.torch.TorchLibrary} is a libtorch in a
 * folder, {@link ai.fresnel.cvs.torch.RocmJar} makes a native jar of it, {@link
 * ai.fresnel.cvs.torch.AmdGpu} reads the driver's files.
 */
package ai.fresnel.cvs.torch;
