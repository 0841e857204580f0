package ai.fresnel.cvs.train.mesh;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The files of a zip file. */
final class ZipArchive extends Archive {
  /**
   * Guards names. The class library shares the directory of a file that is opened twice, and with
   * it a decoder of names that is not thread-safe unless names are UTF-8.
   */
  private static final Object NAMES = new Object();

  private final Path path;
  private final ZipFile zip;

  ZipArchive(Path path) throws IOException {
    this.path = path;
    synchronized (NAMES) {
      try {
        // Latin-1 accepts any bytes; entries flagged as UTF-8 are decoded as such anyway.
        zip = new ZipFile(path.toFile(), StandardCharsets.ISO_8859_1);
      } catch (IllegalArgumentException e) {
        throw new IOException(e.getMessage(), e);
      }
      try {
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
          ZipEntry entry = entries.nextElement();
          if (!entry.isDirectory()) {
            register(entry.getName());
          }
        }
      } catch (IOException | RuntimeException e) {
        zip.close();
        throw e;
      }
    }
  }

  @Override
  String label() {
    return path.getFileName().toString();
  }

  @Override
  InputStream open(String name) throws IOException {
    synchronized (NAMES) {
      ZipEntry entry = zip.getEntry(name);
      if (entry == null) {
        throw new IOException(label(name) + " is not there");
      }
      return zip.getInputStream(entry);
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
