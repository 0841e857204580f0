package ai.fresnel.cvs.train.procedural;

import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.mesh.MeshSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Generates furniture from a seed: eleven families with random proportions, colours and textures.
 * No object looks the same from the front and from behind. Use it for tests and first steps without
 * meshes.
 */
public final class ProceduralScenes {
  private record Family(String name, Consumer<FurnitureBuilder> maker) {}

  private static final List<Family> FAMILIES =
      List.of(
          new Family("chair", Seats::chair),
          new Family("table", TablesAndCabinets::table),
          new Family("shelf", TablesAndCabinets::shelf),
          new Family("sofa", Seats::sofa),
          new Family("lamp", Ornaments::lamp),
          new Family("bed", Seats::bed),
          new Family("cabinet", TablesAndCabinets::cabinet),
          new Family("stool", Seats::stool),
          new Family("desk", TablesAndCabinets::desk),
          new Family("plant", Ornaments::plant),
          new Family("vase", Ornaments::vase));

  private ProceduralScenes() {}

  /**
   * Returns the families in the order of the seeds.
   *
   * @return their names
   */
  public static List<String> families() {
    return FAMILIES.stream().map(Family::name).toList();
  }

  /**
   * Returns the family of a seed.
   *
   * @param seed any number; consecutive seeds have consecutive families
   * @return its name
   */
  public static String family(long seed) {
    return familyOf(seed).name();
  }

  /**
   * Generates an object.
   *
   * @param seed the same seed gives the same object
   * @return the mesh, front at -y
   */
  public static Mesh generate(long seed) {
    FurnitureBuilder workshop = new FurnitureBuilder(seed);
    familyOf(seed).maker().accept(workshop);
    return workshop.shape.build();
  }

  /**
   * Lists objects to render.
   *
   * @param count the number of objects, at least 0
   * @param firstSeed the seed of the first; the others follow
   * @return the sources, generated when loaded
   */
  public static List<MeshSource> sources(int count, long firstSeed) {
    List<MeshSource> sources = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      sources.add(new Scene(firstSeed + i));
    }
    return sources;
  }

  private static Family familyOf(long seed) {
    return FAMILIES.get((int) Math.floorMod(seed, (long) FAMILIES.size()));
  }

  private record Scene(long seed) implements MeshSource {
    @Override
    public String id() {
      return String.format(Locale.ROOT, "%s-%06d", family(seed), seed);
    }

    @Override
    public LoadedMesh load() {
      String source = "procedural/" + id();
      // Without a file, the name alone identifies the mesh.
      String hash = MeshFiles.sha256(source.getBytes(StandardCharsets.UTF_8));
      return new LoadedMesh(
          generate(seed), source, "procedural", "", hash, "CC0-1.0", "generated", List.of());
    }
  }
}
