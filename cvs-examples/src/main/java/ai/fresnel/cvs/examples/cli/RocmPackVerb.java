package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.examples.terminal.Progress;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.torch.RocmJar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs rocm-pack}: packs the native library for AMD GPUs, which no public repository has. */
@Command(
    name = "rocm-pack",
    description = {
      "Pack a libtorch built for ROCm as a native jar into the local Maven repository.",
      "Takes PyTorch 2.7.1 for ROCm: the folder torch/lib of the Python package, or lib of the C++",
      "archive. The jar needs as much disk space again, and DJL unpacks it once more."
          + " CVS_LIBTORCH=DIR uses the folder directly instead."
    })
final class RocmPackVerb extends Verb {

  private static final String GROUP = "ai.djl.pytorch";
  private static final String ARTIFACT = "pytorch-native-rocm";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DIR",
      description = "The folder with libtorch.so and libtorch_hip.so, or its parent.")
  Path from;

  @Option(
      names = "--repository",
      paramLabel = "DIR",
      description = "The local Maven repository (default: .m2/repository in the home folder).")
  Path repository = Path.of(System.getProperty("user.home"), ".m2", "repository");

  @Override
  public Integer call() throws IOException {
    RocmJar packed = RocmJar.of(requireExists(from));
    String version = packed.release();
    Path folder = repository.resolve(GROUP.replace('.', '/')).resolve(ARTIFACT).resolve(version);
    Files.createDirectories(folder);
    String name = ARTIFACT + '-' + version;
    Path jar = folder.resolve(name + '-' + RocmJar.CLASSIFIER + ".jar");
    Path pom = folder.resolve(name + ".pom");
    long megabytes = packed.size() >> 20;
    try (Progress progress = Progress.start(err(), "rocm-pack", "MB", megabytes)) {
      packed.write(jar, done -> progress.update(done >> 20, ""));
    }
    AtomicFiles.writeUnflushed(pom, pom(version).getBytes(StandardCharsets.UTF_8));
    // Marks the files as local for Maven, which then asks no remote repository for them.
    String own = jar.getFileName() + ">=\n" + pom.getFileName() + ">=\n";
    AtomicFiles.writeUnflushed(
        folder.resolve("_remote.repositories"), own.getBytes(StandardCharsets.ISO_8859_1));
    out().println("packed      PyTorch " + packed.library().version());
    out()
        .printf(
            Locale.ROOT,
            "libraries   %d, and %d files of kernels%n",
            packed.libraryCount(),
            packed.kernelCount());
    out()
        .printf(
            Locale.ROOT,
            "size        %.1f GB in a jar of %.1f GB%n",
            packed.size() / 1e9,
            Files.size(jar) / 1e9);
    out().println("jar         " + jar);
    out()
        .println(
            "artifact    " + String.join(":", GROUP, ARTIFACT, version) + ":" + RocmJar.CLASSIFIER);
    out().println("use         CVS_NATIVE=rocm ./cvs doctor, or mvn -Procm");
    out().flush();
    return 0;
  }

  private static String pom(String version) {
    return """
    <?xml version="1.0" encoding="UTF-8"?>
    <project xmlns="http://maven.apache.org/POM/4.0.0"
             xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
             xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 https://maven.apache.org/xsd/maven-4.0.0.xsd">
      <modelVersion>4.0.0</modelVersion>
      <groupId>%s</groupId>
      <artifactId>%s</artifactId>
      <version>%s</version>
      <name>PyTorch native libraries for ROCm, packed on this machine</name>
    </project>
    """
        .formatted(GROUP, ARTIFACT, version);
  }
}
