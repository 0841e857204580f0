package ai.fresnel.cvs.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The state of libtorch per process and per thread: the loaded library, the engine, threads and the
 * gradient mode. It also describes the machine's devices.
 *
 * <p>It loads the first libtorch of: the folder of {@link #useLibrary}; the environment variable
 * {@code CVS_LIBTORCH}; {@code PYTORCH_LIBRARY_PATH}, a variable or system property of DJL's; a
 * native library for GPUs on the class path; on a machine with an AMD GPU a ROCm build among the
 * Python packages; a native library for CPUs on the class path.
 */
public final class TorchRuntime {

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private static final Map<Device, NDManager> FUNCTION_MANAGERS = new ConcurrentHashMap<>();
  private static final ThreadLocal<Boolean> INTERPRETER = ThreadLocal.withInitial(() -> false);

  private TorchRuntime() {}

  /**
   * Returns the PyTorch engine, loading it on first use.
   *
   * @return the engine
   * @throws IllegalStateException if a named libtorch does not exist or has another version
   * @throws EngineException if there is none, or it cannot be loaded
   */
  public static Engine engine() {
    return TorchSetup.engine();
  }

  /**
   * Names the libtorch to load, such as {@code torch/lib} of a Python environment with PyTorch
   * 2.7.1 for ROCm.
   *
   * @param folder the folder with {@code libtorch.so}, or the one whose {@code lib} folder has it
   * @throws IOException if it holds no libtorch
   * @throws IllegalStateException if the engine has started
   */
  public static void useLibrary(Path folder) throws IOException {
    TorchSetup.use(folder);
  }

  /**
   * Returns the libtorch of the engine, or the one it would load now.
   *
   * @return the library; empty if DJL would have to download one
   * @throws IOException if a libtorch that was named is none, or of another version
   */
  public static Optional<TorchLibrary> library() throws IOException {
    return TorchSetup.library();
  }

  /**
   * Returns the default device: the first GPU that the loaded libtorch has kernels for, or the CPU.
   * DJL counts only CUDA's GPUs; a ROCm libtorch uses AMD's under the same names.
   *
   * @return the device
   */
  public static Device defaultDevice() {
    Device djl = engine().defaultDevice();
    try {
      Optional<TorchLibrary> library = library();
      return library.isPresent() && library.get().flavor() == TorchLibrary.Flavor.ROCM
          ? rocmDevice(AmdGpu.list(), library.get().kernelTargets(), AmdGpu.mayUse())
          : djl;
    } catch (IOException e) {
      return djl;
    }
  }

  /** Returns the first GPU with kernels; without a list of kernels, the first. */
  static Device rocmDevice(List<AmdGpu> gpus, Set<String> targets, boolean mayUse) {
    for (int i = 0; mayUse && i < gpus.size(); i++) {
      if (gpus.get(i).runsOn(targets)) {
        return Device.gpu(i);
      }
    }
    return Device.cpu();
  }

  /**
   * Reads a GPU's total memory and the memory used by all processes, from CUDA for NVIDIA and from
   * the driver for AMD.
   *
   * @param device the device
   * @return bytes; empty for the CPU and if unknown
   */
  public static Optional<MemoryUsage> memory(Device device) {
    if (!device.isGpu()) {
      return Optional.empty();
    }
    try {
      if (CudaUtils.getGpuCount() > 0) {
        return Optional.of(CudaUtils.getGpuMemory(device));
      }
    } catch (EngineException | IllegalArgumentException | IllegalStateException e) {
      return Optional.empty();
    }
    return AmdGpu.list().stream().skip(device.getDeviceId()).findFirst().flatMap(AmdGpu::memory);
  }

  /**
   * Returns a new top-level manager of the PyTorch engine.
   *
   * @param device the device its arrays live on
   * @return a manager the caller closes
   */
  public static NDManager newManager(Device device) {
    return engine().newBaseManager(device);
  }

  /**
   * Sets the number of threads that libtorch uses inside one operation.
   *
   * @param threads the number of threads, 1 or more
   * @throws IllegalArgumentException if {@code threads} is less than 1
   */
  public static void setThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + ", expected 1 or more");
    }
    engine();
    JniUtils.setNumThreads(threads);
  }

  /**
   * Returns the number of threads that libtorch uses inside one operation.
   *
   * @return the number of threads
   */
  public static int threads() {
    engine();
    return JniUtils.getNumThreads();
  }

  /**
   * Returns the precision in which a device trains fastest.
   *
   * @param device the device
   * @return {@link Precision#BFLOAT16} on a processor with AVX512-BF16 or AMX, if Linux reports it;
   *     {@link Precision#FLOAT32} otherwise, also on GPUs
   */
  public static Precision fastestPrecision(Device device) {
    if (device.isGpu() || !Files.isReadable(CPU_INFO)) {
      return Precision.FLOAT32;
    }
    try (Stream<String> lines = Files.lines(CPU_INFO, StandardCharsets.ISO_8859_1)) {
      return fastestPrecision(lines);
    } catch (IOException | UncheckedIOException e) {
      return Precision.FLOAT32;
    }
  }

  /** Reads the first processor's list of flags. */
  static Precision fastestPrecision(Stream<String> cpuInfo) {
    Set<String> flags =
        cpuInfo
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> Set.copyOf(Arrays.asList(line.split("\\s+"))))
            .orElse(Set.of());
    return flags.contains("avx512_bf16") || flags.contains("amx_bf16")
        ? Precision.BFLOAT16
        : Precision.FLOAT32;
  }

  /**
   * Returns whether gradients are recorded on this thread.
   *
   * @return true inside a gradient collector, unless {@link #noGradient} is active
   */
  public static boolean recordsGradient() {
    engine();
    return JniUtils.isGradMode();
  }

  /**
   * Switches gradients off on the calling thread until the result is closed. libtorch keeps the
   * mode per thread. It is off on the thread that loaded the engine and on in all others, so code
   * that must not record a graph has to switch it off.
   *
   * @return a handle that restores the mode; close it on the same thread
   */
  public static GradientMode noGradient() {
    return new GradientMode(false);
  }

  /** Restores the calling thread's gradient mode when closed. */
  public static final class GradientMode implements AutoCloseable {

    private final boolean before;

    private GradientMode(boolean mode) {
      engine();
      before = JniUtils.isGradMode();
      JniUtils.setGradMode(mode);
    }

    /** Restores the previous mode. */
    @Override
    public void close() {
      JniUtils.setGradMode(before);
    }
  }

  /**
   * Runs TorchScript through the plain interpreter on this thread. The profiling executor runs the
   * first calls of a function differently from later ones, so that a resumed run would not repeat
   * an uninterrupted one bit for bit.
   */
  static void useInterpreter() {
    if (!INTERPRETER.get()) {
      JniUtils.setGraphExecutorOptimize(false);
      INTERPRETER.set(true);
    }
  }

  /** Returns the manager that owns the compiled functions of a device. It is never closed. */
  static NDManager functionManager(Device device) {
    return FUNCTION_MANAGERS.computeIfAbsent(
        device,
        d -> {
          NDManager manager = newManager(d);
          manager.setName("torch functions on " + d);
          return manager;
        });
  }
}
