package ai.fresnel.cvs.spark;

import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.Photographs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Row;

/** A row of {@link SparkViews#INPUT} by name. Nothing of it is checked but its types. */
record ViewTask(
    String id, byte[] photograph, byte[] mask, Row source, List<Row> targets, long seed) {

  static ViewTask of(Row row) {
    return new ViewTask(
        row.getAs("id"),
        row.getAs("photograph"),
        row.getAs("mask"),
        row.getAs("source"),
        row.isNullAt(row.fieldIndex("targets"))
            ? List.of()
            : row.getList(row.fieldIndex("targets")),
        Objects.requireNonNullElse(row.<Long>getAs("seed"), ViewRequest.DEFAULT_SEED));
  }

  /**
   * Reads the images and the cameras.
   *
   * @throws IOException if an image is missing, damaged or too large, or the mask does not fit
   * @throws IllegalArgumentException if a camera is missing or out of range
   */
  ViewRequest request(DrawSettings settings) throws IOException {
    if (photograph == null) {
      throw new IllegalArgumentException("photograph is null, expected PNG or JPEG");
    }
    CameraPose camera = camera("source", source);
    List<CameraPose> cameras = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      cameras.add(camera("target " + i, targets.get(i)));
    }
    Photograph photo = Photographs.read(ImageFile.of("photograph", photograph));
    if (mask != null) {
      photo = Photographs.masked(photo, Photographs.readMask(ImageFile.of("mask", mask)));
    }
    return ViewRequest.of(photo, camera, cameras)
        .withSeed(seed)
        .withSteps(settings.steps())
        .withBatchSize(settings.batchSize());
  }

  private static CameraPose camera(String name, Row row) {
    if (row == null || row.anyNull()) {
      throw new IllegalArgumentException(
          name + " lacks a value, expected azimuth, elevation and radius");
    }
    double elevation = row.getAs("elevation");
    if (!(Math.abs(elevation) <= 90)) {
      throw new IllegalArgumentException(
          name + ": elevation is " + elevation + " degrees, expected -90 to 90");
    }
    try {
      return CameraPose.orbit(
          Math.toRadians(row.<Double>getAs("azimuth")),
          Math.toRadians(elevation),
          row.<Double>getAs("radius"));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }
}
