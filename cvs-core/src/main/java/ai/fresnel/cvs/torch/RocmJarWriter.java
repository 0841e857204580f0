package ai.fresnel.cvs.torch;

import ai.djl.util.ClassLoaderUtils;
import ai.djl.util.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes the entries of a {@link RocmJar} in one pass over the files. */
final class RocmJarWriter {

  /** The time of all entries, as in DJL's jars, so that the same folder gives the same jar. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private final Platform djl = Platform.fromSystem("pytorch");
  private final ZipOutputStream zip;
  private final Path folder;
  private final LongConsumer progress;
  private final CRC32 fingerprint = new CRC32();
  private final byte[] buffer = new byte[1 << 20];
  private long done;

  RocmJarWriter(ZipOutputStream zip, Path folder, LongConsumer progress) {
    this.zip = zip;
    this.folder = folder;
    this.progress = progress;
    // Kernels are compressed already, and the jar is not sent over networks.
    zip.setLevel(Deflater.BEST_SPEED);
  }

  /** Writes all entries; the names in {@code kernels} are relative to the folder. */
  void write(List<Path> libraries, List<Path> kernels) throws IOException {
    text("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n\r\n");
    List<String> names = new ArrayList<>();
    for (Path file : libraries) {
      String name = file.getFileName().toString();
      copy(name, file);
      names.add(name);
    }
    StringBuilder list = new StringBuilder();
    for (Path file : kernels) {
      String name = folder.relativize(file).toString();
      long before = done;
      copy(name, file);
      list.append(done - before).append(' ').append(name).append('\n');
    }
    text(RocmJar.KERNEL_LIST, list.toString());
    names.add(jni());
    // With this number DJL unpacks a repacked jar beside the old one.
    String version = djl.getVersion() + '-' + fingerprint.getValue();
    text(
        "native/lib/pytorch.properties",
        "version="
            + version
            + "\nflavor="
            + RocmJar.FLAVOR
            + "\nclassifier="
            + RocmJar.CLASSIFIER
            + "\nlibraries="
            + String.join(",", names)
            + "\n");
  }

  /** DJL looks for its JNI library beside libtorch first, by its own version. */
  private String jni() throws IOException {
    String library = "libdjl_torch.so";
    String name = djl.getApiVersion() + '-' + library;
    String resource =
        "jnilib/" + RocmJar.CLASSIFIER + '/' + TorchLibrary.Flavor.ROCM.jni + '/' + library;
    try (InputStream in = ClassLoaderUtils.getResourceAsStream(resource)) {
      entry(RocmJar.FOLDER + name);
      in.transferTo(zip);
      zip.closeEntry();
    }
    return name;
  }

  private void copy(String name, Path file) throws IOException {
    fingerprint.update(name.getBytes(StandardCharsets.UTF_8));
    entry(RocmJar.FOLDER + name);
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        fingerprint.update(buffer, 0, n);
        zip.write(buffer, 0, n);
        done += n;
        progress.accept(done);
      }
    }
    zip.closeEntry();
  }

  private void text(String name, String content) throws IOException {
    entry(name);
    zip.write(content.getBytes(StandardCharsets.UTF_8));
    zip.closeEntry();
  }

  private void entry(String name) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIME);
    zip.putNextEntry(entry);
  }
}
