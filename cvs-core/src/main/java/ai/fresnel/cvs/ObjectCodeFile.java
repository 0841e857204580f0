package ai.fresnel.cvs;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps an {@link ObjectCode} in a safetensors file. The arrays are the code's parts, (K, ...) for
 * K photographs; the metadata are {@value #VERSION}, {@value #MODEL}, which model made it, and
 * {@value #CAMERAS}: for each photograph 9 numbers of the rotation, row by row, and 3 of the
 * translation.
 */
public final class ObjectCodeFile {

  private static final String VERSION = "cvs_object_code";
  private static final String MODEL = "model";
  private static final String CAMERAS = "cameras";
  private static final String NEWEST = "1";

  private static final int NUMBERS = 12;

  /** The most numbers of all parts; the bundled model makes 0.3 million a photograph. */
  private static final long MOST_NUMBERS = 1L << 28;

  private ObjectCodeFile() {}

  /**
   * Writes a code, completely or not at all.
   *
   * @param file the file, replaced if it is there
   * @param code the code
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, ObjectCode code) throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Map<String, String> metadata = new LinkedHashMap<>();
      metadata.put(VERSION, NEWEST);
      metadata.put(MODEL, code.model());
      metadata.put(CAMERAS, text(code.cameras()));
      Safetensors.write(file, code.on(manager).photographs().parts(), metadata);
    }
  }

  private static String text(List<CameraPose> cameras) {
    StringBuilder text = new StringBuilder();
    for (CameraPose camera : cameras) {
      for (double number : camera.rotation()) {
        text.append(number).append(' ');
      }
      for (double number : camera.translation()) {
        text.append(number).append(' ');
      }
    }
    return text.toString().strip();
  }

  /**
   * Reads a code.
   *
   * @param file a file of {@link #write}
   * @return the code
   * @throws ModelFormatException if the file is damaged or holds something else; the message names
   *     the file and the part
   * @throws IOException if it cannot be read
   */
  public static ObjectCode read(Path file) throws IOException {
    try (Safetensors stored = Safetensors.open(file);
        NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      String version = stored.metadata().get(VERSION);
      if (!NEWEST.equals(version)) {
        throw new ModelFormatException(
            file + ": " + VERSION + " is " + version + ", expected " + NEWEST);
      }
      List<CameraPose> cameras = cameras(file, stored.metadata().getOrDefault(CAMERAS, ""));
      long left = MOST_NUMBERS;
      Map<String, ObjectCode.Part> parts = new LinkedHashMap<>();
      for (String name : stored.names()) {
        Shape shape = stored.shape(name);
        left -= shape.size();
        if (left < 0
            || shape.dimension() < 2
            || shape.get(0) != cameras.size()
            || stored.dataType(name) != DataType.FLOAT32) {
          throw new ModelFormatException(
              file
                  + ": "
                  + name
                  + " is "
                  + stored.dataType(name)
                  + " of shape "
                  + shape
                  + ", expected float32 of ("
                  + cameras.size()
                  + ", ...) and "
                  + MOST_NUMBERS
                  + " numbers at the most");
        }
        NDArray array = stored.read(manager, name);
        parts.put(name, new ObjectCode.Part(shape, array.toFloatArray()));
        array.close();
      }
      String model = stored.metadata().getOrDefault(MODEL, "");
      return new ObjectCode(model, cameras, parts);
    }
  }

  private static List<CameraPose> cameras(Path file, String text) throws ModelFormatException {
    String[] words = text.isBlank() ? new String[0] : text.split(" ", -1);
    int count = words.length / NUMBERS;
    if (count < 1 || count > ViewRequest.MOST_PHOTOGRAPHS || words.length % NUMBERS != 0) {
      throw new ModelFormatException(
          file
              + ": "
              + CAMERAS
              + " has "
              + words.length
              + " numbers, expected 12 a photograph, of 1 to "
              + ViewRequest.MOST_PHOTOGRAPHS);
    }
    List<CameraPose> cameras = new ArrayList<>();
    try {
      double[] numbers = new double[words.length];
      for (int i = 0; i < words.length; i++) {
        numbers[i] = Double.parseDouble(words[i]);
      }
      for (int i = 0; i < count; i++) {
        double[] rotation = new double[9];
        double[] translation = new double[3];
        System.arraycopy(numbers, i * NUMBERS, rotation, 0, 9);
        System.arraycopy(numbers, i * NUMBERS + 9, translation, 0, 3);
        cameras.add(CameraPose.of(rotation, translation));
      }
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(file + ": " + CAMERAS + ": " + e.getMessage(), e);
    }
    return cameras;
  }
}
