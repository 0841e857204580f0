package ai.fresnel.cvs.torch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes empty folders in the layout of PyTorch for ROCm and of the driver amdgpu. */
final class RocmStandIn {

  private RocmStandIn() {}

  static Path write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content, StandardCharsets.UTF_8);
  }

  /** The Python package {@code torch} in a folder; returns its {@code lib}. */
  static Path torch(Path folder, String version) throws IOException {
    Path torch = folder.resolve("torch");
    write(
        torch.resolve("version.py"),
        "from typing import Optional\n\n__all__ = ['__version__']\n__version__ = '"
            + version
            + "'\ndebug = False\n");
    Path lib = torch.resolve("lib");
    for (String name :
        new String[] {
          "libc10.so",
          "libc10_hip.so",
          "libtorch.so",
          "libtorch_cpu.so",
          "libtorch_hip.so",
          "librocblas.so",
          "libgomp-a34b3233.so.1",
          "libtorch_python.so",
          "libshm.so",
          "libstdc++.so.6",
          "notes.txt"
        }) {
      write(lib.resolve(name), "library " + name);
    }
    Path kernels = lib.resolve("rocblas/library");
    write(kernels.resolve("TensileLibrary_lazy_gfx1100.dat"), "catalogue");
    write(kernels.resolve("Kernels.so-000-gfx90a-xnack+.hsaco"), "kernels of an MI200");
    write(lib.resolve("hipblaslt/library/extop_gfx942.co"), "extra operations");
    write(lib.resolve("aotriton.images/amd-gfx90a/flash/attn_fwd/a b.aks2"), "");
    return lib;
  }

  /** A GPU as node {@code node} of ROCm's topology and as a device of the driver's. */
  static Path gpu(Path root, int node, int minor, long version, long total, long used)
      throws IOException {
    Path topology = root.resolve("sys/class/kfd/kfd/topology/nodes/" + node);
    write(
        topology.resolve("properties"),
        "cpu_cores_count 0\nsimd_count 192\ndrm_render_minor "
            + minor
            + "\ngfx_target_version "
            + version
            + "\nunique_id "
            + (1000 + node)
            + "\n");
    write(topology.resolve("name"), "navi31\n");
    Path device = root.resolve("sys/class/drm/renderD" + minor + "/device");
    write(device.resolve("vendor"), "0x1002\n");
    write(device.resolve("device"), "0x744c\n");
    write(device.resolve("mem_info_vram_total"), total + "\n");
    write(device.resolve("mem_info_vram_used"), used + "\n");
    return device;
  }

  /** The processor, which is a node too. */
  static void processor(Path root) throws IOException {
    write(
        root.resolve("sys/class/kfd/kfd/topology/nodes/0/properties"),
        "cpu_cores_count 16\nsimd_count 0\ndrm_render_minor 0\n");
  }
}
