package ai.fresnel.cvs.train.splat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.splat.GaussianArrays;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that an optimisation needs to go on as if it had never stopped, in one file. Random numbers
 * follow from the seed and the step.
 *
 * @param model the Gaussians with their moments and counts
 * @param learned what is known of the views
 * @param steps steps that are done
 * @param rateFactor by which rates are multiplied
 * @param seconds time spent
 */
record SplatState(
    SplatModel model, LearnedViews learned, int steps, double rateFactor, double seconds) {

  static final String NAME = "state.safetensors";

  private static final String FORMAT = "1";
  private static final List<String> GROUPS =
      List.of("means", "rotations", "logScales", "opacityLogits", "sh");
  private static final List<String> PARTS = List.of("parameters", "first", "second");

  static boolean exists(Path folder) {
    return Files.exists(folder.resolve(NAME));
  }

  /** Writes the file, completely or not at all. */
  void write(Path folder) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("steps", Integer.toString(steps));
    metadata.put("rateFactor", Double.toString(rateFactor));
    metadata.put("seconds", Double.toString(seconds));
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      List<GaussianArrays> parts =
          List.of(model.parameters, model.firstMoments, model.secondMoments);
      for (int part = 0; part < PARTS.size(); part++) {
        for (int group = 0; group < GROUPS.size(); group++) {
          arrays.put(
              PARTS.get(part) + "." + GROUPS.get(group),
              manager.create(parts.get(part).groups().get(group)));
        }
      }
      arrays.put("density.pull", manager.create(model.pull));
      arrays.put("density.seen", manager.create(model.seen));
      arrays.put("views.poses", manager.create(poses(), new Shape(learned.poses.size(), 12)));
      arrays.put("views.colours", manager.create(learned.colours));
      arrays.put("views.first", manager.create(learned.firstMoments));
      arrays.put("views.second", manager.create(learned.secondMoments));
      arrays.put("views.updates", manager.create(learned.updates));
      Path file = folder.resolve(NAME);
      AtomicFiles.deleteLeftovers(file);
      AtomicFiles.write(file, Safetensors.checkedContent(arrays, metadata));
    }
  }

  private double[] poses() {
    double[] all = new double[12 * learned.poses.size()];
    for (int i = 0; i < learned.poses.size(); i++) {
      System.arraycopy(learned.poses.get(i).rotation(), 0, all, 12 * i, 9);
      System.arraycopy(learned.poses.get(i).translation(), 0, all, 12 * i + 9, 3);
    }
    return all;
  }

  /**
   * Reads the file of a run with these settings and views.
   *
   * @throws ModelFormatException if it is damaged or of other views
   */
  static SplatState read(Path folder, SplatSettings settings, List<SplatView> views)
      throws IOException {
    Path file = folder.resolve(NAME);
    try (Safetensors saved = Safetensors.open(file)) {
      saved.verify();
      if (!FORMAT.equals(saved.metadata().get("format"))) {
        throw new ModelFormatException(
            file + ": format is " + saved.metadata().get("format") + ", expected " + FORMAT);
      }
      SplatModel model = model(saved);
      if (model.size() > settings.gaussians()
          || model.parameters.shDegree() != settings.shDegree()) {
        throw new ModelFormatException(
            file + ": " + model.size() + " Gaussians of another degree or beyond the budget");
      }
      LearnedViews learned = new LearnedViews(views, settings.views());
      fill(saved, "views.colours", learned.colours);
      fill(saved, "views.first", learned.firstMoments);
      fill(saved, "views.second", learned.secondMoments);
      bytes(saved, "views.updates", 4L * learned.updates.length).asIntBuffer().get(learned.updates);
      double[] poses = new double[12 * views.size()];
      bytes(saved, "views.poses", 8L * poses.length).asDoubleBuffer().get(poses);
      for (int i = 0; i < views.size(); i++) {
        learned.poses.set(
            i,
            CameraPose.of(
                Arrays.copyOfRange(poses, 12 * i, 12 * i + 9),
                Arrays.copyOfRange(poses, 12 * i + 9, 12 * i + 12)));
      }
      return new SplatState(
          model,
          learned,
          Integer.parseInt(number(saved, "steps")),
          Double.parseDouble(number(saved, "rateFactor")),
          Double.parseDouble(number(saved, "seconds")));
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(file + ": " + e.getMessage(), e);
    }
  }

  private static SplatModel model(Safetensors saved) throws IOException {
    GaussianArrays[] parts = new GaussianArrays[PARTS.size()];
    for (int part = 0; part < parts.length; part++) {
      float[][] groups = new float[GROUPS.size()][];
      for (int group = 0; group < groups.length; group++) {
        groups[group] = floats(saved, PARTS.get(part) + "." + GROUPS.get(group));
      }
      parts[part] = new GaussianArrays(groups[0], groups[1], groups[2], groups[3], groups[4]);
      if (parts[part].size() != parts[0].size()
          || parts[part].sh().length != parts[0].sh().length) {
        throw new IllegalArgumentException(PARTS.get(part) + " has another number of Gaussians");
      }
    }
    SplatModel model = new SplatModel(parts[0]);
    model.firstMoments = parts[1];
    model.secondMoments = parts[2];
    fill(saved, "density.pull", model.pull);
    fill(saved, "density.seen", model.seen);
    return model;
  }

  private static float[] floats(Safetensors saved, String name) throws IOException {
    ByteBuffer bytes = bytes(saved, name, -1);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private static void fill(Safetensors saved, String name, float[] values) throws IOException {
    bytes(saved, name, 4L * values.length).asFloatBuffer().get(values);
  }

  /** Returns an array's memory; of any length if none is expected. */
  private static ByteBuffer bytes(Safetensors saved, String name, long expected)
      throws IOException {
    if (!saved.names().contains(name)) {
      throw new IllegalArgumentException("no array " + name);
    }
    ByteBuffer bytes = saved.bytes(name).order(ByteOrder.LITTLE_ENDIAN);
    if (expected >= 0 && bytes.remaining() != expected) {
      throw new IllegalArgumentException(
          name + " has " + bytes.remaining() + " bytes, expected " + expected);
    }
    return bytes;
  }

  private static String number(Safetensors saved, String key) {
    String value = saved.metadata().get(key);
    if (value == null || value.length() > 30) {
      throw new IllegalArgumentException(key + " is " + value + ", expected a number");
    }
    return value;
  }
}
