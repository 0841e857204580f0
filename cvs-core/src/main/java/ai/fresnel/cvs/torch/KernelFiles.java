package ai.fresnel.cvs.torch;

import ai.djl.util.ClassLoaderUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Unpacks the kernels of a {@link RocmJar}. DJL does not, because its unpacking makes no folders.
 * rocBLAS and hipBLASLt look for them beside themselves, in {@code rocblas/library} and {@code
 * hipblaslt/library}, when the first matrix product runs on a GPU, and end the process if they are
 * missing.
 */
final class KernelFiles {

  private static final int MAX_FILES = 100_000;
  private static final Pattern LINE = Pattern.compile("([0-9]{1,12}) (\\S.{0,4000})");

  private record Kernel(String name, long size) {}

  private KernelFiles() {}

  /**
   * Unpacks missing kernels. A folder of kernels appears completely or not at all, also when
   * several processes unpack at the same time.
   *
   * @param target the folder with the libraries
   * @throws IOException if the jar is damaged, or the folder cannot be written
   */
  static void unpack(Path target) throws IOException {
    URL list = ClassLoaderUtils.getResource(RocmJar.KERNEL_LIST);
    if (list == null) {
      return;
    }
    for (Map.Entry<String, List<Kernel>> folder : read(list, target).entrySet()) {
      Path whole = target.resolve(folder.getKey());
      if (Files.isDirectory(whole)) {
        continue;
      }
      // Unpack beside the target: DJL loads every library inside it.
      Path fresh = target.resolveSibling(".kernels." + UUID.randomUUID());
      try {
        for (Kernel kernel : folder.getValue()) {
          copy(kernel, fresh.resolve(kernel.name()));
        }
        Files.move(fresh.resolve(folder.getKey()), whole, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        if (!Files.isDirectory(whole)) {
          throw e;
        }
      } finally {
        delete(fresh);
      }
    }
  }

  /** Groups the kernels by their outermost folder. */
  private static Map<String, List<Kernel>> read(URL list, Path target) throws IOException {
    Map<String, List<Kernel>> folders = new TreeMap<>();
    int count = 0;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(list.openStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        count++;
        Matcher matcher = LINE.matcher(line);
        if (count > MAX_FILES || !matcher.matches() || !isBelow(target, matcher.group(2))) {
          throw new IOException(
              list + ": line " + count + " is no size and relative name of a kernel");
        }
        String name = matcher.group(2);
        folders
            .computeIfAbsent(name.substring(0, name.indexOf('/')), f -> new ArrayList<>())
            .add(new Kernel(name, Long.parseLong(matcher.group(1))));
      }
    }
    return folders;
  }

  /** Returns whether a name stays inside the target. */
  private static boolean isBelow(Path target, String name) {
    try {
      Path path = Path.of(name);
      return name.indexOf('/') > 0
          && !path.isAbsolute()
          && path.normalize().toString().equals(name)
          && target.resolve(path).normalize().startsWith(target.normalize());
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static void copy(Kernel kernel, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    long found = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = ClassLoaderUtils.getResourceAsStream(RocmJar.FOLDER + kernel.name());
        OutputStream out = Files.newOutputStream(file)) {
      for (int n = in.read(buffer); n >= 0 && found <= kernel.size(); n = in.read(buffer)) {
        out.write(buffer, 0, n);
        found += n;
      }
      if (found != kernel.size()) {
        throw new IOException(
            RocmJar.FOLDER + kernel.name() + ": not " + kernel.size() + " bytes, as its list says");
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
