package ai.fresnel.cvs.torch;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An AMD GPU as the Linux driver {@code amdgpu} describes it in sysfs. It needs no AMD library. DJL
 * asks CUDA, which does not list AMD GPUs.
 *
 * <p>Sources: the kernel's documentation, <i>GPU Driver Documentation: AMDgpu, Misc AMDGPU driver
 * information</i> ({@code mem_info_vram_total}, {@code mem_info_vram_used}, {@code product_name}),
 * and the files of {@code /sys/class/kfd/kfd/topology/nodes}, whose order is that of ROCm's device
 * numbers.
 *
 * @param target its architecture, such as {@code gfx1100}; empty if unknown
 * @param name the product's name, or the driver's and the PCI identifier
 * @param uuid its name in {@code ROCR_VISIBLE_DEVICES}, such as {@code GPU-0123456789abcdef}; empty
 *     if unknown
 * @param folder the device's folder in sysfs
 */
public record AmdGpu(String target, String name, String uuid, Path folder) {

  /** The driver's device file for computation. */
  private static final Path KFD = Path.of("/dev/kfd");

  private static final String AMD = "0x1002";
  private static final int MAX_TEXT = 1 << 14;
  private static final Pattern NODE = Pattern.compile("[0-9]{1,5}");
  private static final Pattern CARD = Pattern.compile("card[0-9]{1,5}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  /**
   * Lists the GPUs of this machine that ROCm sees.
   *
   * @return the GPUs; index i is {@code Device.gpu(i)}
   */
  public static List<AmdGpu> list() {
    return visible(all(Path.of("/")), System.getenv());
  }

  /** Lists all GPUs under a root folder, {@code /} except in tests. */
  static List<AmdGpu> all(Path root) {
    List<AmdGpu> gpus = new ArrayList<>();
    for (Path node : numbered(root.resolve("sys/class/kfd/kfd/topology/nodes"), NODE)) {
      // A container cannot read the files of GPUs that it does not own.
      Map<String, String> properties = properties(node.resolve("properties"));
      if (number(properties.get("simd_count")) > 0) {
        gpus.add(ofNode(root, node, properties));
      }
    }
    if (gpus.isEmpty()) {
      for (Path card : numbered(root.resolve("sys/class/drm"), CARD)) {
        Path device = card.resolve("device");
        if (read(device.resolve("vendor")).equals(AMD)) {
          gpus.add(new AmdGpu("", nameOf(device, ""), "", device));
        }
      }
    }
    return gpus;
  }

  /**
   * Selects the GPUs that ROCm's variables name, in their order, up to the first unknown, as ROCm
   * does.
   */
  static List<AmdGpu> visible(List<AmdGpu> all, Map<String, String> environment) {
    List<AmdGpu> left = select(all, environment.get("ROCR_VISIBLE_DEVICES"));
    // HIP takes an empty variable for no GPU; the runtime below it ignores an empty variable.
    for (String name : List.of("HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")) {
      String names = environment.get(name);
      if (names != null && !names.isEmpty()) {
        return select(left, names);
      }
    }
    return left;
  }

  private static List<AmdGpu> select(List<AmdGpu> gpus, String names) {
    if (names == null) {
      return gpus;
    }
    List<AmdGpu> selected = new ArrayList<>();
    for (String part : names.split(",", -1)) {
      String name = part.strip();
      Optional<AmdGpu> gpu =
          NODE.matcher(name).matches()
              ? gpus.stream().skip(Long.parseLong(name)).findFirst()
              : gpus.stream().filter(g -> !name.isEmpty() && name.equals(g.uuid)).findFirst();
      if (gpu.isEmpty()) {
        break;
      }
      selected.add(gpu.get());
    }
    return selected;
  }

  /**
   * Reads the GPU's total memory and the memory used by all processes.
   *
   * @return bytes; empty if the driver does not tell
   */
  public Optional<MemoryUsage> memory() {
    long total = number(read(folder.resolve("mem_info_vram_total")));
    long used = number(read(folder.resolve("mem_info_vram_used")));
    if (total <= 0 || used < 0 || used > total) {
      return Optional.empty();
    }
    return Optional.of(new MemoryUsage(-1, used, used, total));
  }

  /**
   * Returns whether there are kernels for this GPU.
   *
   * @param targets the architectures with kernels; empty if unknown
   * @return false if they are known and lack this one. ROCm's variable {@code
   *     HSA_OVERRIDE_GFX_VERSION} overrides the architecture
   */
  public boolean runsOn(Set<String> targets) {
    return targets.isEmpty()
        || target.isEmpty()
        || targets.contains(target)
        || System.getenv("HSA_OVERRIDE_GFX_VERSION") != null;
  }

  /**
   * Returns whether this process may open the driver's device file for computation, {@code
   * /dev/kfd}.
   *
   * @return true if it exists and may be read and written
   */
  public static boolean mayUse() {
    return Files.isReadable(KFD) && Files.isWritable(KFD);
  }

  private static AmdGpu ofNode(Path root, Path node, Map<String, String> properties) {
    String minor = properties.getOrDefault("drm_render_minor", "");
    Path device = root.resolve("sys/class/drm/renderD" + number(minor)).resolve("device");
    long version = number(properties.get("gfx_target_version"));
    String target =
        version <= 0
            ? ""
            : String.format(
                Locale.ROOT, "gfx%d%x%x", version / 10_000, version / 100 % 100, version % 100);
    long id = 0;
    try {
      id = Long.parseUnsignedLong(properties.getOrDefault("unique_id", "0"));
    } catch (NumberFormatException e) {
      // As if it had none.
    }
    String uuid = id == 0 ? "" : String.format(Locale.ROOT, "GPU-%016x", id);
    return new AmdGpu(target, nameOf(device, read(node.resolve("name"))), uuid, device);
  }

  private static String nameOf(Path device, String driverName) {
    String product = read(device.resolve("product_name"));
    if (!product.isEmpty()) {
      return product;
    }
    String id = read(device.resolve("device"));
    String pci = id.startsWith("0x") ? " 1002:" + id.substring(2) : "";
    return "AMD GPU" + (driverName.isEmpty() ? "" : " " + driverName) + pci;
  }

  /** Lists the entries of a folder whose names match, sorted by the number in them. */
  private static List<Path> numbered(Path folder, Pattern names) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> names.matcher(entry.getFileName().toString()).matches())
          .sorted(
              Comparator.comparingInt(
                  entry ->
                      Integer.parseInt(entry.getFileName().toString().replaceAll("[^0-9]", ""))))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Reads lines of a name and a value. */
  private static Map<String, String> properties(Path file) {
    Map<String, String> values = new HashMap<>();
    for (String line : read(file).split("\n", -1)) {
      String[] words = line.strip().split("\\s+", 2);
      if (words.length == 2) {
        values.put(words[0], words[1]);
      }
    }
    return values;
  }

  /** Parses a number of bytes or a count; -1 for anything else. */
  private static long number(String text) {
    return text != null && NUMBER.matcher(text).matches() ? Long.parseLong(text) : -1;
  }

  private static String read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_TEXT), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
