/**
 * Extensions of DJL's PyTorch engine: fused operations and whole-model updates as TorchScript.
 *
 * <p>Start at {@link ai.fresnel.cvs.torch.TorchFunction}: a few lines of TorchScript that are
 * called like a Java function and are differentiable. libtorch compiles them once from an archive
 * written in memory ({@link ai.fresnel.cvs.torch.TorchScriptArchive}). {@link
 * ai.fresnel.cvs.torch.TorchOps} holds the single operations; the blocks of {@code nn} hold a whole
 * forward each. {@link ai.fresnel.cvs.torch.TorchRuntime} owns the state of the process and its
 * threads: the loaded libtorch, devices, thread counts, the gradient mode.
 *
 * <p>{@link ai.fresnel.cvs.torch.ActivationCheckpointing} recomputes activations in the backward
 * pass to save memory.
 *
 * <p>ROCm, which DJL does not support: {@link ai.fresnel.cvs.torch.TorchLibrary} is a libtorch in a
 * folder, {@link ai.fresnel.cvs.torch.RocmJar} makes a native jar of it, {@link
 * ai.fresnel.cvs.torch.AmdGpu} reads the driver's files.
 */
package ai.fresnel.cvs.torch;
