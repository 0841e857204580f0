package ai.fresnel.cvs.torch;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of DJL's cache to which a native jar is unpacked. DJL takes the folder as it is, and a
 * library that is cut off ends the process when it is loaded; two processes that DJL lets unpack at
 * the same time delete each other's files. So this class compares sizes with the jar's, and unpacks
 * what is missing or damaged before DJL looks: one process at a time, each file whole or not at
 * all. It also deletes what processes left that were killed while they unpacked.
 */
final class UnpackedLibraries {

  private static final String LOCK = ".cvs.lock";
  private static final String OURS = "tmp-cvs-";

  /** Temporary folders of DJL, which tells nobody whether it still unpacks. */
  private static final Pattern DJLS = Pattern.compile("tmp[0-9]+");

  private static final Duration ABANDONED = Duration.ofDays(1);

  private final Path folder;
  private final Path cache;
  private final Map<String, URL> sources;

  /**
   * Names the libraries.
   *
   * @param folder where they belong; its parent is DJL's cache of the engine
   * @param sources where each is unpacked from, by its name; DJL takes the last one as the sign
   *     that all are there
   */
  UnpackedLibraries(Path folder, Map<String, URL> sources) {
    this.folder = folder;
    cache = folder.getParent();
    this.sources = new LinkedHashMap<>(sources);
  }

  /**
   * Makes sure that every library is there and has its size.
   *
   * @throws IOException naming the folder if a library is missing or damaged and cannot be unpacked
   */
  void ensure() throws IOException {
    if (!damaged().isEmpty()) {
      try {
        Files.createDirectories(cache);
        try (FileChannel channel = openLock();
            FileLock lock = lock(channel)) {
          deleteAbandoned();
          unpack(damaged());
        }
      } catch (IOException e) {
        Map<String, String> left = damaged();
        if (!left.isEmpty()) {
          throw failure(left, e);
        }
      }
    }
    cleanUp();
  }

  private FileChannel openLock() throws IOException {
    return FileChannel.open(
        cache.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Waits for other processes. Returns null where files cannot be locked, as on some networks. */
  private static FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.lock();
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException | OverlappingFileLockException e) {
      return null;
    }
  }

  private IOException failure(Map<String, String> damaged, IOException cause) {
    Map.Entry<String, String> first = damaged.entrySet().iterator().next();
    IOException failure =
        new IOException(
            folder
                + ": "
                + first.getKey()
                + " "
                + first.getValue()
                + " and cannot be unpacked ("
                + (cause.getMessage() == null
                    ? cause.getClass().getSimpleName()
                    : cause.getMessage())
                + "); make room or delete this folder, or name another cache in DJL_CACHE_DIR");
    failure.addSuppressed(cause);
    return failure;
  }

  /** Returns what is wrong with each library that is missing or damaged. */
  private Map<String, String> damaged() throws IOException {
    Map<String, String> damaged = new LinkedHashMap<>();
    try (Sizes sizes = new Sizes()) {
      for (Map.Entry<String, URL> source : sources.entrySet()) {
        Path file = folder.resolve(source.getKey());
        long expected = sizes.of(source.getValue());
        if (!Files.isRegularFile(file)) {
          damaged.put(source.getKey(), "is missing");
        } else if (expected >= 0 && Files.size(file) != expected) {
          damaged.put(
              source.getKey(), "has " + Files.size(file) + " bytes, expected " + expected + ",");
        }
      }
    }
    return damaged;
  }

  private void unpack(Map<String, String> damaged) throws IOException {
    if (damaged.isEmpty()) {
      return; // another process did it in the meantime
    }
    Path fresh = cache.resolve(OURS + UUID.randomUUID());
    try (Sizes sizes = new Sizes()) {
      Files.createDirectory(fresh);
      for (String name : damaged.keySet()) {
        copy(sources.get(name), fresh.resolve(name), sizes);
      }
      if (Files.notExists(folder)) {
        Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
      } else {
        for (String name : damaged.keySet()) {
          Files.move(fresh.resolve(name), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
      }
    } finally {
      delete(fresh);
    }
  }

  private static void copy(URL source, Path file, Sizes sizes) throws IOException {
    // Not Files.newOutputStream, which an interrupt of this thread closes.
    try (InputStream in = source.openStream();
        FileOutputStream out = new FileOutputStream(file.toFile())) {
      in.transferTo(out);
      out.getFD().sync();
    }
    long expected = sizes.of(source);
    if (expected >= 0 && Files.size(file) != expected) {
      throw new IOException(
          source + ": " + Files.size(file) + " bytes come out of it, expected " + expected);
    }
  }

  /**
   * Deletes a file that is not of its source's size, so that DJL unpacks it again, which it does in
   * one step for single files.
   *
   * @throws IOException naming the file if it is damaged and cannot be deleted
   */
  static void deleteDamaged(Path file, URL source) throws IOException {
    if (!Files.isRegularFile(file)) {
      return;
    }
    long expected;
    try (Sizes sizes = new Sizes()) {
      expected = sizes.of(source);
    }
    long size = Files.size(file);
    if (expected >= 0 && size != expected) {
      try {
        Files.delete(file);
      } catch (IOException e) {
        throw new IOException(
            file + ": has " + size + " bytes, expected " + expected + "; delete this file", e);
      }
    }
  }

  /** Deletes what killed processes left. Never an error: the libraries are there. */
  private void cleanUp() {
    try {
      if (abandoned().isEmpty()) {
        return;
      }
      try (FileChannel channel = openLock();
          FileLock lock = channel.tryLock()) {
        if (lock != null) {
          deleteAbandoned();
        }
      }
    } catch (IOException | OverlappingFileLockException e) {
      return; // another process cleans up, or may
    }
  }

  /** Deletes what killed processes left; only under the lock, where no other of ours is alive. */
  private void deleteAbandoned() throws IOException {
    for (Path path : abandoned()) {
      delete(path);
    }
  }

  private List<Path> abandoned() throws IOException {
    List<Path> abandoned = new ArrayList<>();
    if (!Files.isDirectory(cache)) {
      return abandoned;
    }
    try (Stream<Path> paths = Files.list(cache)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        String name = path.getFileName().toString();
        boolean ours = name.startsWith(OURS);
        if ((ours || DJLS.matcher(name).matches())
            && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
            && (ours || isOld(path))) {
          abandoned.add(path);
        }
      }
    }
    return abandoned;
  }

  /** Returns whether nothing was written to a folder for a day. */
  private static boolean isOld(Path path) throws IOException {
    Instant limit = Instant.now().minus(ABANDONED);
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant().isAfter(limit)) {
          return false;
        }
      }
    }
    return true;
  }

  private static void delete(Path path) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      List<Path> files;
      try (Stream<Path> walk = Files.walk(path)) {
        files = walk.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Sizes of resources, from a jar's directory without unpacking. */
  private static final class Sizes implements AutoCloseable {

    private final Map<String, JarFile> jars = new HashMap<>();

    /** Returns a size in bytes, -1 if unknown. */
    long of(URL resource) throws IOException {
      if (resource.getProtocol().equals("file")) {
        return Files.size(Path.of(URI.create(resource.toString())));
      }
      if (!(resource.openConnection() instanceof JarURLConnection connection)) {
        return -1;
      }
      // Not of the cache, which would keep the jar open for the life of the process.
      connection.setUseCaches(false);
      String name = connection.getJarFileURL().toString();
      JarFile jar = jars.get(name);
      if (jar == null) {
        jar = connection.getJarFile();
        jars.put(name, jar);
      }
      JarEntry entry = jar.getJarEntry(connection.getEntryName());
      return entry == null ? -1 : entry.getSize();
    }

    @Override
    public void close() throws IOException {
      for (JarFile jar : jars.values()) {
        jar.close();
      }
    }
  }
}
