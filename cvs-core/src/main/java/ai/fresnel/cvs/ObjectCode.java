package ai.fresnel.cvs;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.geometry.CameraPose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model made of an object's photographs: its 3D volume, tokens and detail, in Java's memory.
 * {@link ViewSynthesizer#encode} makes it, {@link ViewSynthesizer#generate(ObjectCode, List,
 * Sampling)} draws any number of views of it, now or after {@link ObjectCodeFile} kept it on disk.
 * It belongs to the model that made it. Immutable.
 */
public final class ObjectCode {

  /** Numbers with their shape. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
  record Part(Shape shape, float[] values) {}

  private final String model;
  private final List<CameraPose> cameras;
  private final Map<String, Part> parts;

  ObjectCode(String model, List<CameraPose> cameras, Map<String, Part> parts) {
    this.model = model;
    this.cameras = List.copyOf(cameras);
    this.parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /** Copies what a model encoded. */
  static ObjectCode of(String model, EncodedObject object) {
    Map<String, Part> parts = new LinkedHashMap<>();
    object
        .photographs()
        .parts()
        .forEach((name, array) -> parts.put(name, new Part(array.getShape(), numbers(array))));
    return new ObjectCode(model, object.cameras(), parts);
  }

  private static float[] numbers(NDArray array) {
    return array.toType(DataType.FLOAT32, false).toFloatArray();
  }

  /**
   * Joins codes of one object, each of other photographs, whose cameras are in one world and look
   * at the object. Views are drawn of all photographs together: where one sees, it decides; what
   * none sees is the guess of all ({@link ai.fresnel.cvs.scene.FusedRenderer}). A model with a
   * volume is needed to draw.
   *
   * @param codes codes of the same model, at least 1
   * @return a code of all their photographs, in order
   * @throws IllegalArgumentException if the codes are of different models, or too many photographs
   */
  public static ObjectCode fuse(List<ObjectCode> codes) {
    if (codes.isEmpty()) {
      throw new IllegalArgumentException("there are no codes, expected at least 1");
    }
    ObjectCode first = codes.get(0);
    List<CameraPose> cameras = new ArrayList<>();
    for (ObjectCode code : codes) {
      if (!code.model.equals(first.model)) {
        throw new IllegalArgumentException("the codes were made by different models, expected one");
      }
      cameras.addAll(code.cameras);
    }
    if (cameras.size() > ViewRequest.MOST_PHOTOGRAPHS) {
      throw new IllegalArgumentException(
          "the codes have "
              + cameras.size()
              + " photographs, expected at most "
              + ViewRequest.MOST_PHOTOGRAPHS);
    }
    Map<String, Part> parts = new LinkedHashMap<>();
    for (String name : first.parts.keySet()) {
      parts.put(name, joined(codes.stream().map(code -> code.parts.get(name)).toList()));
    }
    return new ObjectCode(first.model, cameras, parts);
  }

  private static Part joined(List<Part> parts) {
    long[] shape = parts.get(0).shape().getShape().clone();
    shape[0] = parts.stream().mapToLong(part -> part.shape().get(0)).sum();
    float[] all = new float[parts.stream().mapToInt(part -> part.values().length).sum()];
    int at = 0;
    for (Part part : parts) {
      System.arraycopy(part.values(), 0, all, at, part.values().length);
      at += part.values().length;
    }
    return new Part(new Shape(shape), all);
  }

  /**
   * Returns the cameras of the photographs.
   *
   * @return at least 1
   */
  public List<CameraPose> cameras() {
    return cameras;
  }

  /**
   * Says which model made it.
   *
   * @return the model's name and a checksum of its configuration and provenance
   */
  public String model() {
    return model;
  }

  /**
   * Copies a part, as {@link PhotographCode} names them.
   *
   * @param name the part's name
   * @return its numbers, row by row; all photographs' in order
   * @throws IllegalArgumentException if the model makes no such part
   */
  public float[] values(String name) {
    return part(name).values().clone();
  }

  /**
   * Returns the shape of a part.
   *
   * @param name the part's name
   * @return (K, ...) for K photographs
   * @throws IllegalArgumentException if the model makes no such part
   */
  public Shape shape(String name) {
    return part(name).shape();
  }

  private Part part(String name) {
    Part part = parts.get(name);
    if (part == null) {
      throw new IllegalArgumentException(
          model + " makes no part \"" + name + "\", expected one of " + parts.keySet());
    }
    return part;
  }

  Map<String, Part> parts() {
    return parts;
  }

  /** Shapes of the parts, for one photograph. */
  Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    parts.forEach((name, part) -> shapes.put(name, part.shape().slice(1)));
    return shapes;
  }

  /** Copies the numbers to the engine's memory. */
  EncodedObject on(NDManager manager) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    parts.forEach((name, part) -> arrays.put(name, manager.create(part.values(), part.shape())));
    return new EncodedObject(new PhotographCode(arrays), cameras);
  }
}
