package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.ClassLoaderUtils;
import ai.djl.util.Platform;
import ai.djl.util.cuda.CudaUtils;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.torch.AmdGpu;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchLibrary;
import ai.fresnel.cvs.torch.TorchRuntime;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code cvs doctor}: checks this machine and reports problems with their cures. */
@Command(
    name = "doctor",
    description = {
      "Report the engine, libraries, devices and memory, what is missing, and the cure.",
      "Runs a small computation on the CPU, then on the device of --device.",
      "Exit status 1 if the CPU cannot draw views."
    })
final class DoctorVerb extends Verb {

  private int problems;

  @Override
  public Integer call() throws IOException {
    // First: a wrong --device is bad usage, even if other things are wrong.
    Device named = device == null ? null : device();
    system();
    Optional<TorchLibrary> library;
    try {
      library = TorchRuntime.library();
    } catch (IOException e) {
      problem(new Diagnosis.Problem(e.getMessage(), Diagnosis.ADD_NATIVES));
      return verdict(false, Optional.empty());
    }
    line("library", library.map(DoctorVerb::words).orElse("none"));
    List<Diagnosis.Problem> missing = Diagnosis.engine(library, jni(library));
    missing.forEach(this::problem);
    boolean cpu = missing.isEmpty() && engine() && tries(Device.cpu());
    List<AmdGpu> amd = AmdGpu.list();
    int cudaGpus = CudaUtils.getGpuCount();
    devices(amd, cudaGpus);
    for (Diagnosis.Problem found : Diagnosis.ofThisMachine().gpus(library, amd, cudaGpus)) {
      problem(found);
    }
    Device wanted = named != null || !cpu ? named : TorchRuntime.defaultDevice();
    Optional<Device> gpu = Optional.empty();
    // Last: AMD's and NVIDIA's libraries may end the process on an error.
    if (cpu && wanted != null && wanted.isGpu() && tries(wanted)) {
      gpu = Optional.of(wanted);
    }
    return verdict(cpu, gpu);
  }

  private void system() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    line(
        "system",
        String.join(" ", system.getName(), system.getVersion(), system.getArch())
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors");
    line("memory", size(system.getTotalMemorySize(), system.getFreeMemorySize()));
    line(
        "java",
        System.getProperty("java.version")
            + ", "
            + System.getProperty("java.vm.name")
            + ", objects in at most "
            + gigabytes(Runtime.getRuntime().maxMemory()));
  }

  private static String words(TorchLibrary library) {
    String version = library.version();
    return library.flavor()
        + (version.isEmpty() ? "" : " " + version)
        + " from "
        + library.origin()
        + ", "
        + library.folder();
  }

  /** Prints where DJL's JNI library comes from and says whether there is one. */
  private boolean jni(Optional<TorchLibrary> library) throws IOException {
    String name = System.mapLibraryName("djl_torch");
    String versioned = Platform.fromSystem("pytorch").getApiVersion() + '-' + name;
    Optional<Path> folder = library.map(TorchLibrary::folder);
    // A native jar for ROCm has its own, even if it is not unpacked yet.
    boolean beside =
        library.filter(l -> l.flavor() == TorchLibrary.Flavor.ROCM && l.isBundled()).isPresent()
            || folder.filter(f -> Files.exists(f.resolve(versioned))).isPresent()
            || folder.filter(f -> Files.exists(f.resolve(name))).isPresent();
    boolean bundled = ClassLoaderUtils.getResource("jnilib/pytorch.properties") != null;
    line("jni", beside ? "beside the library" : bundled ? "on the class path" : "none");
    return beside || bundled;
  }

  private boolean engine() {
    try {
      Engine engine = TorchRuntime.engine();
      line(
          "engine",
          "PyTorch "
              + engine.getVersion()
              + ", DJL "
              + Engine.getDjlVersion()
              + ", "
              + TorchRuntime.threads()
              + " threads");
      return true;
    } catch (RuntimeException | LinkageError e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      problem(
          new Diagnosis.Problem(
              "the engine does not start: " + Cvs.message(cause),
              "docs/troubleshooting.md; --debug shows more"));
      if (debug) {
        e.printStackTrace(err());
      }
      return false;
    }
  }

  private void devices(List<AmdGpu> amd, int cudaGpus) {
    for (int i = 0; i < cudaGpus; i++) {
      line("device", "gpu:" + i + " NVIDIA" + memory(TorchRuntime.memory(Device.gpu(i))));
    }
    for (int i = 0; i < amd.size(); i++) {
      AmdGpu gpu = amd.get(i);
      String target = gpu.target().isEmpty() ? "" : " (" + gpu.target() + ")";
      line("device", "gpu:" + i + " " + gpu.name() + target + memory(gpu.memory()));
    }
  }

  private static String memory(Optional<MemoryUsage> memory) {
    return memory.map(m -> ", " + size(m.getMax(), m.getMax() - m.getUsed())).orElse("");
  }

  /** Computes a matrix product and a convolution, which use different libraries on a GPU. */
  private boolean tries(Device where) {
    String name = where.isGpu() ? "gpu:" + where.getDeviceId() : "cpu";
    try (NDManager manager = TorchRuntime.newManager(where);
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      NDArray x = manager.ones(new Shape(1, 1, 8, 8));
      NDArray w = manager.ones(new Shape(1, 1, 3, 3));
      NDArray y =
          TorchFunction.of("x: Tensor, w: Tensor", "return torch.conv2d(torch.matmul(x, x), w)")
              .call(x, w);
      float sum = y.sum().getFloat();
      // Each of 6×6 is the sum of nine 8s.
      if (sum != 36 * 9 * 8) {
        throw new IllegalStateException("computes " + sum + ", expected " + 36 * 9 * 8);
      }
      line("tried", name + ": computes");
      return true;
    } catch (RuntimeException | LinkageError e) {
      problem(
          new Diagnosis.Problem(
              name + " does not compute: " + Cvs.message(e),
              where.isGpu() ? "--device cpu until it does" : "docs/troubleshooting.md"));
      return false;
    }
  }

  private int verdict(boolean cpu, Optional<Device> gpu) {
    String devices = gpu.map(d -> "the CPU and on gpu:" + d.getDeviceId()).orElse("the CPU");
    line(
        "verdict",
        (cpu ? "views can be drawn on " + devices : "no views can be drawn")
            + (problems == 0 ? "" : problems == 1 ? ", 1 problem" : ", " + problems + " problems"));
    return cpu ? 0 : 1;
  }

  private void problem(Diagnosis.Problem problem) {
    problems++;
    line("problem", problem.toString());
  }

  private void line(String what, String words) {
    out().printf(Locale.ROOT, "%-11s %s%n", what, words);
    out().flush();
  }

  private static String size(long bytes, long free) {
    return gigabytes(bytes) + ", " + gigabytes(free) + " free";
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / (double) (1 << 30));
  }
}
