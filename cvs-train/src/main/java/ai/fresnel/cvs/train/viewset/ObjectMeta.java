package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.json.JsonValue;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The metadata of an object, the content of {@code meta.json}.
 *
 * @param intrinsics the lens of all its views
 * @param minRadius the least distance of a camera from the origin, in world units, above 0
 * @param maxRadius the largest distance of a camera from the origin, in world units
 * @param sourceMesh the origin of the object: a file, a package or the recipe of a procedural scene
 * @param licence the licence of the object, if possible as an SPDX expression
 * @param group the collection of the object, for information; the split ignores it
 * @param stem the file name of the mesh without its ending, or empty; objects with similar stems
 *     share a split
 * @param meshHash a hash of the content of the mesh, or empty; objects with the same hash share a
 *     split
 */
public record ObjectMeta(
    Intrinsics intrinsics,
    double minRadius,
    double maxRadius,
    String sourceMesh,
    String licence,
    String group,
    String stem,
    String meshHash) {

  static final String FILE_NAME = "meta.json";
  private static final int FORMAT = 1;
  private static final long MAX_BYTES = 1 << 20;

  /** The metadata and the number of written views. */
  record Stored(ObjectMeta meta, int views) {}

  void write(Path file, int views) throws IOException {
    JsonFile.write(file, toJson(views));
  }

  JsonObject toJson(int views) {
    JsonObject lens = new JsonObject();
    lens.addProperty("fx", intrinsics.fx());
    lens.addProperty("fy", intrinsics.fy());
    lens.addProperty("cx", intrinsics.cx());
    lens.addProperty("cy", intrinsics.cy());
    lens.addProperty("width", intrinsics.width());
    lens.addProperty("height", intrinsics.height());
    JsonArray radius = new JsonArray();
    radius.add(minRadius);
    radius.add(maxRadius);
    JsonObject json = new JsonObject();
    json.addProperty("format", FORMAT);
    json.addProperty("views", views);
    json.add("intrinsics", lens);
    json.add("radius", radius);
    json.addProperty("sourceMesh", sourceMesh);
    json.addProperty("licence", licence);
    json.addProperty("group", group);
    json.addProperty("stem", stem);
    json.addProperty("meshHash", meshHash);
    return json;
  }

  static Stored read(ObjectFiles files) throws IOException {
    return JsonFile.parse(
        files.path(FILE_NAME),
        files.read(FILE_NAME, MAX_BYTES),
        "format " + FORMAT + ", views, intrinsics and radius",
        ObjectMeta::parse);
  }

  private static Stored parse(JsonValue json) {
    int format = json.get("format").integer();
    if (format != FORMAT) {
      throw new IllegalArgumentException("format " + format);
    }
    JsonValue lens = json.get("intrinsics");
    List<JsonValue> radius = json.get("radius").items();
    if (radius.size() != 2) {
      throw json.get("radius").wrong("the nearest and the farthest distance");
    }
    ObjectMeta meta =
        new ObjectMeta(
            new Intrinsics(
                lens.get("fx").number(),
                lens.get("fy").number(),
                lens.get("cx").number(),
                lens.get("cy").number(),
                side(lens.get("width")),
                side(lens.get("height"))),
            radius.get(0).number(),
            radius.get(1).number(),
            text(json, "sourceMesh"),
            text(json, "licence"),
            text(json, "group"),
            text(json, "stem"),
            text(json, "meshHash"));
    meta.requireRadii();
    return new Stored(meta, json.get("views").integer());
  }

  private static int side(JsonValue json) {
    int pixels = json.integer();
    if (pixels < 1 || pixels > PngFile.MAX_SIDE) {
      throw json.wrong("1 to " + PngFile.MAX_SIDE + " pixels");
    }
    return pixels;
  }

  void requireRadii() {
    if (!(minRadius > 0 && minRadius <= maxRadius) || !Double.isFinite(maxRadius)) {
      throw new IllegalArgumentException("radius is " + minRadius + " to " + maxRadius);
    }
  }

  private static String text(JsonValue json, String key) {
    return json.find(key).filter(value -> !value.isNull()).map(JsonValue::string).orElse("");
  }
}
