package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.torch.AmdGpu;
import ai.fresnel.cvs.torch.TorchLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class DiagnosisTest {

  @TempDir Path folder;

  private Path dev;
  private Path torch;

  @BeforeEach
  void makeMachine() throws IOException {
    dev = Files.createDirectories(folder.resolve("dev"));
    Files.createDirectories(dev.resolve("dri"));
    Files.writeString(dev.resolve("kfd"), "");
    Files.writeString(dev.resolve("dri/renderD128"), "");
    Files.writeString(dev.resolve("dri/card0"), "");
    torch = Files.createDirectories(folder.resolve("torch/lib"));
    for (String name : new String[] {"libtorch.so", "libtorch_hip.so", "librocblas.so"}) {
      Files.writeString(torch.resolve(name), "");
    }
    Files.createDirectories(torch.resolve("rocblas/library"));
    Files.writeString(torch.resolve("rocblas/library/TensileLibrary_lazy_gfx1100.dat"), "");
  }

  private Optional<TorchLibrary> library() throws IOException {
    return Optional.of(TorchLibrary.open(torch, "test"));
  }

  private List<AmdGpu> gpus(String... targets) {
    return List.of(targets).stream().map(t -> new AmdGpu(t, "a GPU", "", folder)).toList();
  }

  private List<String> whatIsWrong(List<AmdGpu> amd, int cudaGpus, Path... closed)
      throws IOException {
    List<Path> notOpen = List.of(closed);
    return new Diagnosis(dev, file -> !notOpen.contains(file))
        .gpus(library(), amd, cudaGpus).stream().map(Diagnosis.Problem::what).toList();
  }

  @Test
  void aMachineThatHasEverythingHasNoProblem() throws IOException {
    assertEquals(List.of(), whatIsWrong(gpus("gfx1100"), 0));
    assertEquals(List.of(), Diagnosis.engine(library(), true));
  }

  @Test
  void rightsOnTheDevices() throws IOException {
    Path kfd = dev.resolve("kfd");
    assertEquals(List.of("/dev/kfd may not be opened"), whatIsWrong(gpus("gfx1100"), 0, kfd));
    assertEquals(
        List.of("/dev/dri/renderD128 may not be opened"),
        whatIsWrong(gpus("gfx1100"), 0, dev.resolve("dri/renderD128")));
    assertTrue(
        new Diagnosis(dev, file -> false)
            .gpus(library(), gpus("gfx1100"), 0)
            .get(0)
            .cure()
            .startsWith("sudo usermod -aG render,video"));
    Files.delete(kfd);
    assertEquals(List.of("there is no /dev/kfd"), whatIsWrong(gpus("gfx1100"), 0));
  }

  @Test
  void gpusAndKernels() throws IOException {
    assertEquals(
        List.of("this PyTorch is for ROCm, but the driver shows no AMD GPU"),
        whatIsWrong(List.of(), 0));
    assertEquals(
        List.of("gpu:1 is gfx1036, kernels are for [gfx1100]"),
        whatIsWrong(gpus("gfx1100", "gfx1036"), 0));
    Files.move(torch.resolve("rocblas"), folder.resolve("rocblas"));
    assertEquals(
        List.of(torch + " has librocblas.so without rocblas/library"),
        whatIsWrong(gpus("gfx1100"), 0));
  }

  @Test
  void aLibraryForOtherGpus() throws IOException {
    Files.delete(torch.resolve("libtorch_hip.so"));
    assertEquals(
        List.of("there is an AMD GPU, but this PyTorch is not for ROCm"),
        whatIsWrong(gpus("gfx1100"), 0));
    assertEquals(List.of(), whatIsWrong(List.of(), 0));
    Files.writeString(dev.resolve("nvidia0"), "");
    assertEquals(
        List.of("there is an NVIDIA GPU, but this PyTorch is not for CUDA"),
        whatIsWrong(List.of(), 1));
    Files.writeString(torch.resolve("libtorch_cuda.so"), "");
    assertEquals(List.of(), whatIsWrong(List.of(), 1));
    assertEquals(
        List.of("this PyTorch is for CUDA, but CUDA counts no GPU"), whatIsWrong(List.of(), 0));
  }

  @Test
  void nativesThatAreMissing() throws IOException {
    assertEquals(
        "no PyTorch library is on the class path; cure: " + Diagnosis.ADD_NATIVES,
        Diagnosis.engine(Optional.empty(), true).get(0).toString());
    assertEquals(
        "DJL's JNI library is not on the class path; cure: add pytorch-jni as the README says",
        Diagnosis.engine(library(), false).get(0).toString());
  }
}
