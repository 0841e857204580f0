package ai.fresnel.cvs.train.fuzz;

import ai.fresnel.cvs.train.viewset.Fixtures;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The readers of view sets, in folders and tar files. */
final class ViewSetParsers {

  private static final String ID = Fixtures.id(0);

  private ViewSetParsers() {}

  /** Reads everything. */
  static void read(Path root) throws IOException {
    ViewSet set = ViewSet.open(root);
    for (String id : set.ids()) {
      ViewObject object = set.object(id);
      for (int i = 0; i < object.size(); i++) {
        object.read(i);
        object.readDepth(i);
      }
    }
  }

  /** Returns two objects of two views, with depth, by file. */
  private static Map<String, byte[]> files() {
    try {
      Path root = Files.createTempDirectory("cvs-fuzz");
      ViewSetWriter writer = new ViewSetWriter(root);
      for (int o = 0; o < 2; o++) {
        List<View> views = Fixtures.views(o, 2);
        views.replaceAll(view -> view.withDepth(new float[Fixtures.SIZE * Fixtures.SIZE]));
        writer.write(Fixtures.id(o), views, Fixtures.meta("stem", "hash" + o));
      }
      writer.finish();
      Map<String, byte[]> files = new TreeMap<>();
      List<String> names = Judge.names(root);
      for (int i = names.size() - 1; i >= 0; i--) {
        Path file = root.resolve(names.get(i));
        if (Files.isRegularFile(file)) {
          files.put(names.get(i).replace('\\', '/'), Files.readAllBytes(file));
        }
        Files.delete(file);
      }
      return files;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static List<Parser> all() {
    Map<String, byte[]> files = files();
    Seed.Folder set =
        root -> {
          for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = root.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
          }
        };
    Map<String, byte[]> sharded = new TreeMap<>();
    files.forEach(
        (name, content) -> {
          if (name.contains("/")) {
            sharded.put(name.replace('/', '.'), content);
          }
        });
    List<String> words =
        List.of(
            "\"format\": 1",
            "\"objects\"",
            "train",
            "validation",
            "TEST",
            ID,
            "\"" + ID + "\"",
            "../" + ID,
            "\"views\"",
            "\"intrinsics\"",
            "\"fx\"",
            "\"radius\"",
            "[1.5, 2.2]");
    UnaryOperator<byte[]> resummed =
        tar -> {
          byte[] sound = tar.clone();
          for (int at = 0; at + 512 <= sound.length; at += 512) {
            if (sound[at + 257] == 'u' && sound[at + 258] == 's') {
              byte[] header = Arrays.copyOfRange(sound, at, at + 512);
              System.arraycopy(Packing.summed(header), 0, sound, at, 512);
            }
          }
          return sound;
        };
    String meta = ID + ".meta.json";
    return List.of(
        new Parser(
            "npy",
            List.of("'descr'", "'<f4'", "'>f8'", "True", "(3, 4)", "(3, 4, 1)", "()", "(16, 16)"),
            List.of(
                Seed.binary(ID + "/000.npy", files.get(ID + "/000.npy")).in(set),
                Seed.text(ID + "/001.npy", files.get(ID + "/001.npy")).in(set),
                Seed.binary(ID + "/001.depth.npy", files.get(ID + "/001.depth.npy")).in(set)),
            ViewSetParsers::read),
        new Parser(
            "split",
            words,
            List.of(Seed.text("split.json", utf8(files, "split.json")).in(set)),
            ViewSetParsers::read),
        new Parser(
            "paths",
            words,
            List.of(
                Seed.text("valid_paths.json", utf8(files, "valid_paths.json"))
                    .in(set)
                    .orNamed("split.json", "no views")),
            ViewSetParsers::read),
        new Parser(
            "meta",
            words,
            List.of(
                Seed.text(ID + "/meta.json", utf8(files, ID + "/meta.json")).in(set).orNamed(ID)),
            ViewSetParsers::read),
        new Parser(
            "view",
            List.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND"),
            List.of(
                Seed.binary(ID + "/001.png", files.get(ID + "/001.png"))
                    .packed(Packing::png)
                    .in(set),
                Seed.binary(ID + "/001.png", files.get(ID + "/001.png")).in(set).called("raw")),
            ViewSetParsers::read),
        new Parser(
            "tar",
            words,
            List.of(
                Seed.binary("fuzzed.tar", Packing.tar(sharded)).orNamed("no objects"),
                Seed.binary("fuzzed.tar", Packing.tar(sharded))
                    .packed(resummed)
                    .orNamed("no objects")
                    .called("summed"),
                Seed.text("fuzzed.tar", utf8(files, ID + "/meta.json"))
                    .packed(b -> Packing.tar(Packing.with(sharded, meta, b)))
                    .called("inside")),
            ViewSetParsers::read));
  }

  private static String utf8(Map<String, byte[]> files, String name) {
    return new String(files.get(name), StandardCharsets.UTF_8);
  }
}
