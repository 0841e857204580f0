package ai.fresnel.cvs.checkpoint;

import ai.fresnel.cvs.json.Json;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Reads the format of {@code torch.save} since version 1.6: an uncompressed zip archive with {@code
 * NAME/data.pkl} and one entry per storage, {@code NAME/data/KEY}.
 */
final class ZipStorages implements Storages {

  private static final String PICKLE = "/data.pkl";

  private final String file;
  private final ZipFile zip;
  private final long fileBytes;
  private final Map<String, ZipEntry> entries = new HashMap<>();

  private ZipStorages(String file, ZipFile zip, long fileBytes) {
    this.file = file;
    this.zip = zip;
    this.fileBytes = fileBytes;
  }

  static ZipStorages open(Path path) throws IOException {
    try {
      return new ZipStorages(path.toString(), new ZipFile(path.toFile()), Files.size(path));
    } catch (ZipException e) {
      throw new ModelFormatException(path + ": no sound zip archive: " + e.getMessage(), e);
    }
  }

  @Override
  public Object load(TorchObjects objects) throws IOException {
    List<String> pickles =
        zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(PICKLE)).toList();
    if (pickles.size() != 1) {
      throw objects.damaged(
          "a zip archive with " + pickles.size() + " files data.pkl, expected 1 in a checkpoint");
    }
    String pickle = pickles.get(0);
    String folder = pickle.substring(0, pickle.length() - PICKLE.length());
    ZipEntry byteOrder = zip.getEntry(folder + "/byteorder");
    if (byteOrder != null) {
      byte[] order = bytes(byteOrder, 16);
      String text = new String(order, StandardCharsets.ISO_8859_1);
      Storages.checkByteOrder(objects, text.equals("little"));
    }
    Object object = Pickle.load(ByteBuffer.wrap(bytes(zip.getEntry(pickle), MAX_PICKLE)), objects);
    long all = 0;
    for (Storage storage : objects.storages().values()) {
      ZipEntry entry = zip.getEntry(folder + "/data/" + storage.key());
      if (entry == null) {
        throw objects.damaged("storage " + Json.quote(storage.key()) + " is missing");
      }
      Storages.check(objects, storage, stored(entry));
      entries.put(storage.key(), entry);
      all += storage.bytes();
      // Two entries of an archive may lie over each other, so that a small file has much to read.
      if (all > fileBytes) {
        throw objects.damaged(
            "storages overlap: they have more than the " + fileBytes + " bytes of the file");
      }
    }
    return object;
  }

  /** Returns the bytes of an entry. A small file may claim more bytes than it has. */
  private long stored(ZipEntry entry) throws IOException {
    long size = entry.getSize();
    if (entry.getMethod() != ZipEntry.STORED || size != entry.getCompressedSize()) {
      throw new ModelFormatException(
          file + ": " + Json.quote(entry.getName()) + " is compressed, expected stored");
    }
    if (size > fileBytes) {
      throw new ModelFormatException(
          "%s: %s claims %d bytes, but the file has %d"
              .formatted(file, Json.quote(entry.getName()), size, fileBytes));
    }
    return size;
  }

  private byte[] bytes(ZipEntry entry, int most) throws IOException {
    long size = stored(entry);
    if (size > most) {
      throw new ModelFormatException(
          "%s: %s has %d bytes, expected at most %d"
              .formatted(file, Json.quote(entry.getName()), size, most));
    }
    return bytes(entry, 0, (int) size);
  }

  private byte[] bytes(ZipEntry entry, long start, int length) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      in.skipNBytes(start);
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException();
      }
      return bytes;
    } catch (EOFException | ZipException e) {
      String name = Json.quote(entry.getName());
      throw new ModelFormatException(file + ": " + name + " is cut off or damaged", e);
    }
  }

  @Override
  public ByteBuffer read(Storage storage, long start, int length) throws IOException {
    return ByteBuffer.wrap(bytes(entries.get(storage.key()), start, length));
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
