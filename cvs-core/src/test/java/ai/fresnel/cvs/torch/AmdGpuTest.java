package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import java.io.IOException;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AmdGpuTest {

  @TempDir Path root;

  private static List<String> targets(List<AmdGpu> gpus) {
    return gpus.stream().map(AmdGpu::target).toList();
  }

  /** Node 10 comes after node 2, as ROCm counts, whatever the numbers of the devices are. */
  private List<AmdGpu> machine() throws IOException {
    RocmStandIn.processor(root);
    RocmStandIn.gpu(root, 2, 130, 110000, 24L << 30, 5L << 30);
    RocmStandIn.gpu(root, 10, 128, 90010, 64L << 30, 0);
    RocmStandIn.gpu(root, 3, 129, 90402, 192L << 30, 1);
    return AmdGpu.all(root);
  }

  @Test
  void gpusComeInTheOrderOfTheTopology() throws IOException {
    List<AmdGpu> gpus = machine();
    assertEquals(List.of("gfx1100", "gfx942", "gfx90a"), targets(gpus));
    MemoryUsage memory = gpus.get(0).memory().orElseThrow();
    assertEquals(24L << 30, memory.getMax());
    assertEquals(5L << 30, memory.getUsed());
    assertEquals("AMD GPU navi31 1002:744c", gpus.get(0).name());
    RocmStandIn.write(gpus.get(0).folder().resolve("product_name"), "Instinct MI300X\n");
    assertEquals("Instinct MI300X", AmdGpu.all(root).get(0).name());
  }

  @Test
  void invalidMemorySizesAreUnknown() throws IOException {
    Path device = RocmStandIn.gpu(root, 1, 128, 110000, 10, 11);
    assertEquals(Optional.empty(), AmdGpu.all(root).get(0).memory());
    RocmStandIn.write(device.resolve("mem_info_vram_used"), "no number");
    assertEquals(Optional.empty(), AmdGpu.all(root).get(0).memory());
    RocmStandIn.write(device.resolve("mem_info_vram_used"), "7");
    assertEquals(7, AmdGpu.all(root).get(0).memory().orElseThrow().getUsed());
  }

  @Test
  void withoutTheTopologyTheCardsAreListed() throws IOException {
    Path drm = root.resolve("sys/class/drm");
    RocmStandIn.write(drm.resolve("card1/device/vendor"), "0x1002\n");
    RocmStandIn.write(drm.resolve("card1/device/device"), "0x73bf\n");
    RocmStandIn.write(drm.resolve("card1/device/mem_info_vram_total"), "100\n");
    RocmStandIn.write(drm.resolve("card1/device/mem_info_vram_used"), "40\n");
    RocmStandIn.write(drm.resolve("card1-HDMI-A-1/device/vendor"), "0x1002\n");
    RocmStandIn.write(drm.resolve("card0/device/vendor"), "0x8086\n");
    List<AmdGpu> gpus = AmdGpu.all(root);
    assertEquals(1, gpus.size());
    assertEquals("AMD GPU 1002:73bf", gpus.get(0).name());
    assertEquals(100, gpus.get(0).memory().orElseThrow().getMax());
    assertEquals(List.of(), AmdGpu.all(root.resolve("elsewhere")));
  }

  @Test
  void variablesOfRocmChooseAndReorder() throws IOException {
    List<AmdGpu> all = machine();
    assertEquals(all, AmdGpu.visible(all, Map.of()));
    assertEquals(
        List.of("gfx90a", "gfx1100"),
        targets(AmdGpu.visible(all, Map.of("HIP_VISIBLE_DEVICES", "2, 0"))));
    // The second variable indexes the GPUs that the first selects.
    assertEquals(
        List.of("gfx942"),
        targets(
            AmdGpu.visible(
                all, Map.of("ROCR_VISIBLE_DEVICES", "1,2", "HIP_VISIBLE_DEVICES", "0"))));
    // Node 10: 1000 + 10 = 0x3f2.
    assertEquals(
        List.of("gfx90a"),
        targets(AmdGpu.visible(all, Map.of("ROCR_VISIBLE_DEVICES", "GPU-00000000000003f2"))));
    assertEquals(
        List.of("gfx942"), targets(AmdGpu.visible(all, Map.of("CUDA_VISIBLE_DEVICES", "1,-1,0"))));
    assertEquals(
        List.of("gfx942"),
        targets(
            AmdGpu.visible(all, Map.of("HIP_VISIBLE_DEVICES", "", "CUDA_VISIBLE_DEVICES", "1"))));
    assertEquals(List.of(), AmdGpu.visible(all, Map.of("ROCR_VISIBLE_DEVICES", "")));
  }

  /** Integrated graphics count as a GPU, commonly one without kernels. */
  @Test
  void theDefaultIsTheFirstGpuWithKernels() throws IOException {
    List<AmdGpu> gpus = machine();
    Set<String> targets = Set.of("gfx90a", "gfx942");
    assertEquals(Device.gpu(1), TorchRuntime.rocmDevice(gpus, targets, true));
    assertEquals(Device.gpu(0), TorchRuntime.rocmDevice(gpus, Set.of(), true));
    assertEquals(Device.cpu(), TorchRuntime.rocmDevice(gpus, Set.of("gfx1030"), true));
    assertEquals(Device.cpu(), TorchRuntime.rocmDevice(gpus, targets, false));
    assertEquals(Device.cpu(), TorchRuntime.rocmDevice(List.of(), targets, true));
    assertTrue(gpus.get(0).runsOn(Set.of("gfx1100")));
    assertFalse(gpus.get(0).runsOn(Set.of("gfx110")));
  }
}
