package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.json.Json;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/**
 * Reads objects from the tar files of a folder with WebDataset's names: the part of a file name
 * before the first point is the object, the rest the file. Keeps only names and offsets in memory.
 */
final class Shards {

  static final String ENDING = ".tar";

  /** The largest number of files; protects the memory from archives of names only. */
  private static final int MAX_FILES = 100_000_000;

  private final Map<String, Shard> shardOf = new TreeMap<>();
  private final List<List<String>> contents = new ArrayList<>();

  private Shards() {}

  /** Lists the tar files of a folder, sorted. */
  static List<Path> list(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(ENDING))
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    }
  }

  /** Reads the names of all tar files of a folder. */
  static Shards open(Path root) throws IOException {
    Shards shards = new Shards();
    int files = 0;
    for (Path tar : list(root)) {
      Shard shard = new Shard(tar);
      List<String> ids = new ArrayList<>(shard.objects.keySet());
      for (String id : ids) {
        if (shards.shardOf.put(id, shard) != null) {
          throw DamagedFile.error(tar, "object " + id, "one that is in no other shard");
        }
        files += shard.objects.get(id).size();
      }
      if (files > MAX_FILES) {
        throw DamagedFile.error(tar, "file number " + files, "at most " + MAX_FILES);
      }
      shards.contents.add(ids);
    }
    return shards;
  }

  /** Returns the ids of all objects, sorted. */
  Iterable<String> ids() {
    return shardOf.keySet();
  }

  /** Returns the objects of each shard, in its order. */
  List<List<String>> contents() {
    return contents;
  }

  ObjectFiles files(String id) {
    return new InShard(shardOf.get(id), id);
  }

  /** The position of a file in its archive. */
  private record Place(long offset, long size) {}

  /** A tar file. Its entries can be read in any order and on any thread. */
  private static final class Shard {

    final Path path;

    /** From object to file to position, in the order of the archive. */
    final Map<String, Map<String, Place>> objects = new LinkedHashMap<>();

    Shard(Path path) throws IOException {
      this.path = path;
      try (TarFile tar = new TarFile(path)) {
        for (TarArchiveEntry entry : tar.getEntries()) {
          String name = inside(entry.getName());
          int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
          // Links and sparse files have no bytes of their own at this place.
          if (isPlain(entry) && dot > 0) {
            objects
                .computeIfAbsent(name.substring(0, dot), id -> new HashMap<>())
                .put(name.substring(dot + 1), new Place(entry.getDataOffset(), entry.getSize()));
          }
        }
      } catch (IOException | RuntimeException e) {
        throw DamagedFile.error(path, e, "a tar file");
      }
    }

    private static boolean isPlain(TarArchiveEntry entry) {
      return entry.isFile() && !entry.isLink() && !entry.isSymbolicLink() && !entry.isSparse();
    }

    /** Returns a name without a leading {@code ./}; refuses one that leads out of the archive. */
    private static String inside(String name) throws IOException {
      String plain = name.replaceFirst("^(\\./)+", "");
      if (plain.startsWith("/") || List.of(plain.split("/", -1)).contains("..")) {
        throw new IOException(Json.quote(name) + " leads out of the archive");
      } else if (plain.chars().anyMatch(Character::isISOControl)) {
        throw new IOException(Json.quote(name) + " is no file name");
      }
      return plain;
    }

    byte[] read(String id, String name, long maxBytes) throws IOException {
      Place place = objects.get(id).get(name);
      Path label = path.resolve(id + "." + name);
      if (place == null) {
        throw DamagedFile.error(label, "no such file", "one in the shard");
      }
      if (place.size() > maxBytes) {
        throw DamagedFile.error(label, place.size() + " bytes", "at most " + maxBytes);
      }
      // Not a channel: interrupting one thread, as at the end of a run, would close it for all.
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
        if (place.offset() + place.size() > file.length()) {
          throw DamagedFile.error(label, "is cut off", place.size() + " bytes");
        }
        file.seek(place.offset());
        byte[] bytes = new byte[(int) place.size()];
        file.readFully(bytes);
        return bytes;
      } catch (EOFException e) {
        throw DamagedFile.error(label, "is cut off", place.size() + " bytes");
      }
    }
  }

  private static final class InShard extends ObjectFiles {

    private final Shard shard;
    private final String id;

    InShard(Shard shard, String id) {
      this.shard = shard;
      this.id = id;
    }

    @Override
    boolean has(String name) {
      return shard.objects.get(id).containsKey(name);
    }

    @Override
    byte[] read(String name, long maxBytes) throws IOException {
      return shard.read(id, name, maxBytes);
    }

    @Override
    Path path(String name) {
      return shard.path.resolve(id + "." + name);
    }
  }
}
