package ai.fresnel.cvs.train.fuzz;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A sound file to damage, and the folder around it.
 *
 * @param name of the seed
 * @param file where the damaged file lies in the folder
 * @param content of the sound file, before it is packed
 * @param isText whether the content is a text
 * @param pack puts damaged content into a container, such as gzip; the sound content without damage
 * @param folder writes the other files, once
 * @param named names of which an error must say at least one
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares seeds.
record Seed(
    String name,
    String file,
    byte[] content,
    boolean isText,
    UnaryOperator<byte[]> pack,
    Folder folder,
    List<String> named) {

  /** Writes the other files. */
  interface Folder {
    void write(Path root) throws Exception;
  }

  static Seed text(String file, String content) {
    return text(file, content.getBytes(StandardCharsets.UTF_8));
  }

  static Seed text(String file, byte[] content) {
    return new Seed(file, file, content, true, bytes -> bytes, root -> {}, List.of(lastName(file)));
  }

  static Seed binary(String file, byte[] content) {
    return new Seed(
        file, file, content, false, bytes -> bytes, root -> {}, List.of(lastName(file)));
  }

  Seed called(String newName) {
    return new Seed(newName, file, content, isText, pack, folder, named);
  }

  Seed in(Folder newFolder) {
    return new Seed(name, file, content, isText, pack, newFolder, named);
  }

  Seed packed(UnaryOperator<byte[]> newPack) {
    return new Seed(name, file, content, isText, newPack, folder, named);
  }

  /** Allows errors that name one of these instead. */
  Seed orNamed(String... others) {
    List<String> all = new ArrayList<>(named);
    all.addAll(List.of(others));
    return new Seed(name, file, content, isText, pack, folder, List.copyOf(all));
  }

  private static String lastName(String file) {
    return file.substring(file.lastIndexOf('/') + 1);
  }
}
