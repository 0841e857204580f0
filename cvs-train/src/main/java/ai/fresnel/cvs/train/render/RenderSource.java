package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.procedural.Seeds;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The source of the objects of a view set, in plain values. */
public sealed interface RenderSource extends Serializable {

  /**
   * Lists the objects without loading them. The list is the same for every call and on every
   * machine with the same files.
   *
   * @return at least one object, with unique ids
   * @throws IOException if the files cannot be listed or none of them is a mesh
   */
  List<? extends MeshSource> list() throws IOException;

  /**
   * Meshes from files.
   *
   * @param path a folder, an archive or a mesh, for {@link MeshFiles#list}
   */
  record Meshes(String path) implements RenderSource {
    @Override
    public List<? extends MeshSource> list() throws IOException {
      List<MeshSource> list = MeshFiles.list(Path.of(path));
      if (list.isEmpty()) {
        throw new IOException(path + ": no .obj, .glb or .gltf file in it");
      }
      return list;
    }
  }

  /**
   * Furniture generated from a seed. Different seeds make different pieces.
   *
   * @param count the number of pieces, 1 to {@link #MAX_COUNT}
   * @param seed any number
   */
  record Furniture(int count, long seed) implements RenderSource {

    /** The most pieces of one seed; those of the next seed begin after them. */
    public static final int MAX_COUNT = 1_000_000;

    /**
     * Checks the count.
     *
     * @param count 1 to {@link #MAX_COUNT}
     * @param seed any number
     * @throws IllegalArgumentException if the count is out of its range
     */
    public Furniture {
      if (count < 1 || count > MAX_COUNT) {
        throw new IllegalArgumentException(
            count + " pieces of furniture, expected 1 to " + MAX_COUNT);
      }
    }

    @Override
    public List<? extends MeshSource> list() {
      return ProceduralScenes.sources(count, seed * MAX_COUNT);
    }
  }

  /**
   * The objects of another source, each followed by variants of it.
   *
   * <p>An object itself stays as it is and keeps its id. Its variants are named {@code <id>~v1},
   * {@code <id>~v2}, …: no other source has tildes in its ids. They keep the origin of the object,
   * and so land in its split. A variant depends on the seed and its id, not on the number of
   * variants.
   *
   * @param source the objects
   * @param count the number of variants of each, the object itself included, 1 to {@link
   *     #MAX_COUNT}
   * @param variation how far variants differ from the object
   * @param seed any number
   */
  record Varied(RenderSource source, int count, MeshVariation variation, long seed)
      implements RenderSource {

    /** The most variants of an object. */
    public static final int MAX_COUNT = 1000;

    /**
     * Checks the count.
     *
     * @param source the objects
     * @param count 1 to {@link #MAX_COUNT}
     * @param variation how far variants differ from the object
     * @param seed any number
     * @throws IllegalArgumentException if the count is out of its range
     */
    public Varied {
      if (count < 1 || count > MAX_COUNT) {
        throw new IllegalArgumentException(
            count + " variants of an object, expected 1 to " + MAX_COUNT);
      }
    }

    @Override
    public List<? extends MeshSource> list() throws IOException {
      List<MeshSource> list = new ArrayList<>();
      for (MeshSource object : source.list()) {
        list.add(object);
        for (int i = 1; i < count; i++) {
          list.add(new Variant(object, object.id() + "~v" + i, variation, seed));
        }
      }
      return list;
    }

    private record Variant(MeshSource object, String id, MeshVariation variation, long seed)
        implements MeshSource {
      @Override
      public LoadedMesh load() throws IOException {
        LoadedMesh loaded = object.load();
        return loaded.withMesh(variation.apply(loaded.mesh(), Seeds.derive(seed, id)));
      }
    }
  }
}
