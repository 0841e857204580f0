package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.torch.AmdGpu;
import ai.fresnel.cvs.torch.TorchLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds what keeps a machine from drawing views, on the CPU or on its GPU, and how to fix it. */
final class Diagnosis {

  /** A problem and its cure, half a line each. */
  record Problem(String what, String cure) {

    @Override
    public String toString() {
      return what + "; cure: " + cure;
    }
  }

  static final String ADD_NATIVES =
      "add pytorch-native-cpu and pytorch-jni as the README says, or set CVS_LIBTORCH to the folder"
          + " torch/lib of a PyTorch 2.7.1";

  private static final String GROUPS = "sudo usermod -aG render,video $USER, then log in again";

  private final Path dev;
  private final Predicate<Path> mayOpen;

  /**
   * Makes a diagnosis.
   *
   * @param dev the folder of devices, {@code /dev} except in tests
   * @param mayOpen says whether this process may read and write a device
   */
  Diagnosis(Path dev, Predicate<Path> mayOpen) {
    this.dev = dev;
    this.mayOpen = mayOpen;
  }

  static Diagnosis ofThisMachine() {
    return new Diagnosis(Path.of("/dev"), file -> Files.isReadable(file) && Files.isWritable(file));
  }

  /**
   * Finds what keeps the engine from starting.
   *
   * @param library the libtorch that was found
   * @param jni whether DJL's JNI library is on the class path or beside libtorch
   */
  static List<Problem> engine(Optional<TorchLibrary> library, boolean jni) {
    if (library.isEmpty()) {
      return List.of(new Problem("no PyTorch library is on the class path", ADD_NATIVES));
    }
    return jni
        ? List.of()
        : List.of(
            new Problem(
                "DJL's JNI library is not on the class path",
                "add pytorch-jni as the README says"));
  }

  /**
   * Finds why some or all GPUs are not used.
   *
   * @param library the libtorch that was found
   * @param amd the AMD GPUs that the driver shows
   * @param cudaGpus the number of GPUs that CUDA counts
   * @throws IOException if the folder of the library cannot be listed
   */
  List<Problem> gpus(Optional<TorchLibrary> library, List<AmdGpu> amd, int cudaGpus)
      throws IOException {
    List<Problem> problems = new ArrayList<>();
    TorchLibrary.Flavor flavor = library.map(TorchLibrary::flavor).orElse(TorchLibrary.Flavor.CPU);
    if (flavor == TorchLibrary.Flavor.ROCM) {
      rocm(library.get(), amd, problems);
    } else if (!amd.isEmpty()) {
      problems.add(
          new Problem(
              "there is an AMD GPU, but this PyTorch is not for ROCm",
              "CVS_LIBTORCH=torch/lib of PyTorch 2.7.1 for ROCm, or cvs rocm-pack"
                  + " (docs/rocm.md)"));
    }
    if (flavor == TorchLibrary.Flavor.CUDA && cudaGpus == 0) {
      problems.add(
          new Problem(
              "this PyTorch is for CUDA, but CUDA counts no GPU",
              "NVIDIA's driver and CUDA 12.8's libcudart where the loader finds it"));
    }
    if (flavor != TorchLibrary.Flavor.CUDA && Files.exists(dev.resolve("nvidia0"))) {
      problems.add(
          new Problem(
              "there is an NVIDIA GPU, but this PyTorch is not for CUDA",
              "pytorch-native-cu128 in place of pytorch-native-cpu, as the README says"));
    }
    return problems;
  }

  private void rocm(TorchLibrary library, List<AmdGpu> amd, List<Problem> problems)
      throws IOException {
    if (library.lacksKernels()) {
      problems.add(
          new Problem(
              library.folder() + " has librocblas.so without rocblas/library",
              "the whole folder torch/lib, or pack it again with cvs rocm-pack"));
    }
    Path kfd = dev.resolve("kfd");
    if (amd.isEmpty()) {
      problems.add(
          new Problem(
              "this PyTorch is for ROCm, but the driver shows no AMD GPU",
              "load the module amdgpu; in a container, give it /dev/kfd and /dev/dri; look at"
                  + " HIP_VISIBLE_DEVICES and ROCR_VISIBLE_DEVICES"));
    } else if (!Files.exists(kfd)) {
      problems.add(
          new Problem(
              "there is no /dev/kfd",
              "load the module amdgpu with ROCm's support; in a container, give it /dev/kfd and"
                  + " /dev/dri"));
    } else if (!mayOpen.test(kfd)) {
      problems.add(new Problem("/dev/kfd may not be opened", GROUPS));
    } else {
      for (Path node : renderNodes()) {
        if (!mayOpen.test(node)) {
          problems.add(
              new Problem("/dev/dri/" + node.getFileName() + " may not be opened", GROUPS));
        }
      }
    }
    Set<String> targets = library.kernelTargets();
    for (int i = 0; i < amd.size(); i++) {
      if (!amd.get(i).runsOn(targets)) {
        problems.add(
            new Problem(
                "gpu:" + i + " is " + amd.get(i).target() + ", kernels are for " + targets,
                "another GPU; or HSA_OVERRIDE_GFX_VERSION where a relative is among them, as"
                    + " 10.3.0 for gfx103x"));
      }
    }
  }

  private List<Path> renderNodes() throws IOException {
    Path dri = dev.resolve("dri");
    if (!Files.isDirectory(dri)) {
      return List.of();
    }
    try (Stream<Path> nodes = Files.list(dri)) {
      return nodes
          .filter(node -> node.getFileName().toString().startsWith("renderD"))
          .sorted()
          .toList();
    }
  }
}
