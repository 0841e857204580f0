package ai.fresnel.cvs.train.mesh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Lists the OBJ and glTF meshes below a folder, also in {@code .zip} and {@code .sh3f} archives.
 */
public final class MeshFiles {
  /** The most bytes of a mesh file, and of the binary files that it names. */
  static final int MAX_BYTES = 512 << 20;

  private final List<MeshSource> sources = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();

  private MeshFiles() {}

  /**
   * Lists meshes in the order of their paths, without reading them. An archive that cannot be
   * opened becomes one source that throws the error when loaded.
   *
   * @param root a folder, an archive, or an OBJ, GLB or glTF file (with the files that it names in
   *     its folder)
   * @return the meshes
   * @throws IOException if the folder cannot be read or the file is of another kind
   */
  public static List<MeshSource> list(Path root) throws IOException {
    MeshFiles files = new MeshFiles();
    if (Files.isDirectory(root)) {
      files.addFolder(new FolderArchive(root));
    } else if (isMesh(root.toString()) && Files.isRegularFile(root)) {
      String name = root.getFileName().toString();
      FolderArchive folder = new FolderArchive(root.toAbsolutePath().getParent(), name);
      files.add(stem(name), folder, new FurnitureCatalog(folder), name);
    } else if (isArchive(root.toString()) && Files.isRegularFile(root)) {
      files.addArchive(root);
    } else {
      throw new IOException(
          root + ": expected a folder, an .obj, .glb or .gltf file, or a .zip or .sh3f archive");
    }
    return files.sources;
  }

  private void addFolder(FolderArchive folder) throws IOException {
    List<String> unreadable = folder.walk();
    FurnitureCatalog catalog = new FurnitureCatalog(folder);
    for (String name : folder.names()) {
      if (isMesh(name)) {
        add(stem(name), folder, catalog, name);
      } else if (isArchive(name)) {
        addArchive(folder.path(name));
      }
    }
    for (String name : unreadable) {
      sources.add(new Broken(unique(name), folder.label(name) + " cannot be read"));
    }
  }

  private void addArchive(Path path) {
    String name = path.getFileName().toString();
    try (ZipArchive zip = new ZipArchive(path)) {
      FurnitureCatalog catalog = new FurnitureCatalog(zip);
      for (String entry : zip.names()) {
        if (isMesh(entry)) {
          String base = entry.substring(entry.lastIndexOf('/') + 1);
          String id = unique(stem(name) + "_" + stem(base));
          sources.add(new InZip(id, path, catalog, entry));
        }
      }
    } catch (IOException | RuntimeException e) {
      String reason = name + ": not a whole zip file: " + TextFiles.oneLine(e);
      sources.add(new Broken(unique(stem(name)), reason));
    }
  }

  private void add(String stem, Archive archive, FurnitureCatalog catalog, String name) {
    sources.add(new InFolder(unique(stem), archive, catalog, name));
  }

  /** Makes a safe, short folder name, with a number if it is taken. */
  private String unique(String wanted) {
    String safe = wanted.replaceAll("[^A-Za-z0-9._-]+", "_").replaceFirst("^[^A-Za-z0-9]+", "");
    safe = safe.isEmpty() ? "mesh" : safe.substring(0, Math.min(safe.length(), 180));
    String id = safe;
    // Ignore case, as some file systems do.
    for (int n = 2; !ids.add(id.toLowerCase(Locale.ROOT)); n++) {
      id = safe + "_" + n;
    }
    return id;
  }

  private record InFolder(String id, Archive archive, FurnitureCatalog catalog, String name)
      implements MeshSource {
    @Override
    public LoadedMesh load() throws IOException {
      return MeshFiles.load(archive, catalog, name);
    }
  }

  private record InZip(String id, Path zip, FurnitureCatalog catalog, String name)
      implements MeshSource {
    @Override
    public LoadedMesh load() throws IOException {
      try (ZipArchive archive = new ZipArchive(zip)) {
        return MeshFiles.load(archive, catalog, name);
      }
    }
  }

  private record Broken(String id, String reason) implements MeshSource {
    @Override
    public LoadedMesh load() throws IOException {
      throw new IOException(reason);
    }
  }

  private static LoadedMesh load(Archive archive, FurnitureCatalog catalog, String name)
      throws IOException {
    ObjectFiles files = new ObjectFiles(archive, name, new Budget());
    catalog.note().ifPresent(files::note);
    byte[] bytes = files.keep(name);
    Mesh mesh;
    try {
      mesh =
          isGltf(name)
              ? GltfReader.read(files, bytes)
              : ObjReader.read(files, bytes, catalog.turnOf(name));
    } catch (StackOverflowError | OutOfMemoryError e) {
      throw new IOException(files.label() + ": " + TextFiles.oneLine(e), e);
    }
    return new LoadedMesh(
        mesh,
        archive.label() + "/" + name,
        stem(archive.label()),
        stem(name.substring(name.lastIndexOf('/') + 1)),
        sha256(bytes),
        catalog.licence(),
        catalog.creator(name),
        files.notes());
  }

  /**
   * Returns the hash that identifies a mesh.
   *
   * @param bytes the content of a mesh file
   * @return its SHA-256, lower-case hexadecimal
   */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String stem(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private static boolean isMesh(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".obj") || isGltf(lower);
  }

  private static boolean isGltf(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".glb") || lower.endsWith(".gltf");
  }

  private static boolean isArchive(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".zip") || lower.endsWith(".sh3f");
  }
}
