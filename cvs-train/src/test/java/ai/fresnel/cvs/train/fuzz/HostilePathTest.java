package ai.fresnel.cvs.train.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that lead out of the folder. Beside the folder lie a mesh, an image and a view set. */
class HostilePathTest {

  private static final String MESH = "v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nf 1/1 2/1 3/1\n";

  @TempDir Path outside;
  private Path root;
  private List<String> ways;

  @BeforeEach
  void prepare() throws Exception {
    root = Files.createDirectories(outside.resolve("in/side"));
    Files.writeString(outside.resolve("secret.obj"), MESH);
    Files.writeString(outside.resolve("secret.mtl"), "newmtl m\nKd 1 0 0\n");
    Files.write(outside.resolve("secret.bin"), new byte[104]);
    Files.write(
        outside.resolve("secret.png"), Packing.image("png", BufferedImage.TYPE_INT_RGB, 24, 18));
    Files.write(
        outside.resolve("secret.zip"), Packing.zip(Map.of("hidden.obj", bytes(MESH)), false));
    ways =
        List.of(
            "../../secret",
            "..\\..\\secret",
            "x/../../../secret",
            outside.resolve("secret").toString(),
            "file://" + outside.resolve("secret"),
            "link",
            "linked/secret");
    for (String ending : List.of(".obj", ".mtl", ".bin", ".png", ".zip")) {
      Files.createSymbolicLink(root.resolve("link" + ending), outside.resolve("secret" + ending));
    }
    Files.createSymbolicLink(root.resolve("linked"), outside);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /** Loads the mesh of a name; whatever lies outside is neither listed nor a part of it. */
  private LoadedMesh load(String id) throws IOException {
    LoadedMesh loaded = null;
    for (MeshSource source : MeshFiles.list(root)) {
      assertTrue(List.of(id, "link").contains(source.id()), source.id());
      if (source.id().equals(id)) {
        loaded = source.load();
      }
    }
    return loaded;
  }

  @Test
  void meshesBehindLinksAreNotRead() throws Exception {
    write("a.obj", MESH);
    for (MeshSource source : MeshFiles.list(root)) {
      if (source.id().equals("a")) {
        source.load();
      } else {
        String message = Hostile.read(root, r -> source.load(), "link.obj", "link.zip");
        assertTrue(!message.isEmpty(), source.id());
      }
    }
  }

  @Test
  void materialsAndTexturesOutsideAreNotRead() throws Exception {
    for (String way : ways) {
      write("a.obj", "mtllib " + way + ".mtl\nusemtl m\n" + MESH);
      LoadedMesh coloured = load("a");
      assertTrue(coloured.mesh().materials().get(0).green() > 0.1, way);
      assertTrue(!coloured.notes().isEmpty(), way);
      write("a.obj", "mtllib a.mtl\nusemtl m\n" + MESH);
      write("a.mtl", "newmtl m\nmap_Kd " + way + ".png\n");
      LoadedMesh textured = load("a");
      assertNull(textured.mesh().materials().get(0).texture(), way);
      assertTrue(!textured.notes().isEmpty(), way);
    }
  }

  private static String gltf(String buffer, String image) {
    return """
        {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
         "nodes": [{"mesh": 0}],
         "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1},
           "material": 0}]}],
         "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
         "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
           {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC2"}],
         "bufferViews": [{"buffer": 0, "byteLength": 36}],
         "textures": [{"source": 0}], "images": [{"uri": "IMAGE"}],
         "buffers": [{"byteLength": 36, "uri": "BUFFER"}]}
        """
        .replace("IMAGE", image.replace("\\", "\\\\"))
        .replace("BUFFER", buffer.replace("\\", "\\\\"));
  }

  /** Three points in base64. */
  private static final String POINTS =
      "data:application/octet-stream;base64,AAAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAAAAAAAAgD8AAAAA";

  @Test
  void urisOfGltfStayInTheFolder() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(1);
      String web = "http://127.0.0.1:" + server.getLocalPort() + "/secret";
      List<String> all = new ArrayList<>(ways);
      all.addAll(List.of(web, "HTTP:" + web.substring(5), "%2e%2e/%2e%2e/secret", "//127.0.0.1/x"));
      for (String way : all) {
        write("a.gltf", gltf(way + ".bin", way + ".png"));
        String message = Hostile.read(root, r -> load("a"), "a.gltf");
        assertTrue(!message.isEmpty(), way);
        write("a.gltf", gltf(POINTS, way + ".png"));
        LoadedMesh loaded = load("a");
        assertNull(loaded.mesh().materials().get(0).texture(), way);
        assertEquals(1, loaded.notes().size(), way);
      }
      write("a.gltf", gltf("file:///etc/passwd", "file:///etc/passwd"));
      assertTrue(!Hostile.read(root, r -> load("a"), "a.gltf").isEmpty());
      org.junit.jupiter.api.Assertions.assertThrows(SocketTimeoutException.class, server::accept);
    }
  }

  @Test
  void membersOfZipFilesStayInTheFile() throws Exception {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String name :
        List.of(
            "../../evil.obj",
            "/evil.obj",
            "a/../../evil.obj",
            "..\\evil.obj",
            "a.obj",
            "C:\\evil.obj",
            "a\u001b[2J.obj",
            "a\n.obj",
            " .obj",
            "..obj",
            ".obj")) {
      files.put(name, bytes(MESH));
    }
    Files.write(root.resolve("a.zip"), Packing.zip(files, false));
    int read = 0;
    for (MeshSource source : MeshFiles.list(root.resolve("a.zip"))) {
      Checks.name(source.id());
      read += Hostile.read(root, r -> MeshParsers.check(source), "a.zip").isEmpty() ? 1 : 0;
    }
    assertTrue(read > 0);
    assertTrue(Files.notExists(outside.resolve("evil.obj")));
  }

  @Test
  void membersOfTarFilesStayInTheFile() throws Exception {
    Parser parser = Parsers.named("tar");
    byte[] sound = parser.seeds().get(0).content();
    for (String way :
        List.of("../secret", "../../secret", "/secret", "a/../../secret", "..", ".")) {
      Map<String, byte[]> files = new LinkedHashMap<>();
      for (String file : List.of(".000.png", ".000.npy", ".meta.json")) {
        files.put(way + file, new byte[10]);
      }
      byte[] tar = Packing.tar(files);
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.write(tar, 0, tar.length - 1024);
      both.writeBytes(sound);
      Files.write(root.resolve("a.tar"), both.toByteArray());
      Hostile.read(
          root,
          r -> {
            for (String id : ViewSet.open(r).ids()) {
              Checks.name(id);
            }
          },
          "a.tar");
    }
  }

  @Test
  void linksInTarFilesAreNotFollowed() throws Exception {
    for (char type : new char[] {'1', '2', '3', '4', '6', '7', 'x', 'g', 'L', 'K', 'S'}) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      for (String file : List.of("a.000.png", "a.000.npy")) {
        tar.writeBytes(Packing.tarHeader(file, 0, type, outside.resolve("secret.png").toString()));
      }
      tar.writeBytes(new byte[1024]);
      Files.write(root.resolve("a.tar"), tar.toByteArray());
      String message = Hostile.read(root, ViewSetParsers::read, "a.tar", "no objects");
      assertTrue(!message.isEmpty(), "type " + type);
    }
    // Sizes beyond the file, and beyond any.
    for (long size : new long[] {1 << 20, (1L << 33) - 1}) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      for (String file : List.of("a.000.png", "a.000.npy")) {
        tar.writeBytes(Packing.tarHeader(file, size, '0', ""));
      }
      Files.write(root.resolve("a.tar"), tar.toByteArray());
      assertTrue(!Hostile.read(root, ViewSetParsers::read, "a.tar").isEmpty());
    }
  }

  @Test
  void listsOfViewSetsStayInTheFolder() throws Exception {
    Parser parser = Parsers.named("paths");
    Seed seed = parser.seeds().get(0);
    seed.folder().write(outside.resolve("set"));
    seed.folder().write(root);
    for (String way :
        List.of(
            "../../set/object-a",
            "../object-a",
            "x/../../../set/object-a",
            "",
            ".",
            "..",
            outside.resolve("set/object-a").toString(),
            "object-a/../../side/../../../set")) {
      write(seed.file(), "[\"" + way + "\"]");
      String message = Hostile.read(root, parser.reading(), seed.file());
      assertTrue(message.contains(seed.file()), way + ": " + message);
    }
  }

  @Test
  void imagesOfCapturesStayInTheFolder() throws Exception {
    for (String name : List.of("nerfstudio", "colmap-text", "co3d")) {
      Parser parser = Parsers.named(name);
      Seed seed = parser.seeds().get(parser.seeds().size() > 1 && name.startsWith("col") ? 1 : 0);
      Path folder = Files.createDirectories(root.resolve(name));
      seed.folder().write(folder);
      String text = new String(seed.content(), StandardCharsets.UTF_8);
      for (String way :
          List.of(
              "../../../secret.png", outside.resolve("secret.png").toString(), "a/../../../..")) {
        // All images but the first lead out: too few are left.
        String led =
            text.replaceAll("[^\" ]*images/[12]\\.png", way)
                .replaceAll("(?m) [12]\\.png$", " " + way);
        assertTrue(!led.equals(text), name);
        Files.createDirectories(folder.resolve(seed.file()).getParent());
        Files.write(folder.resolve(seed.file()), seed.pack().apply(bytes(led)));
        String message = Hostile.read(folder, parser.reading(), name, seed.named().get(0), "chair");
        assertTrue(!message.isEmpty(), name + " " + way);
      }
    }
  }
}
