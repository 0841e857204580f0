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

/** A row of {@link SparkViews#INPUT}, read by name. */
final class ViewTask {

  private final Row row;

  /**
   * @param row whose columns have the right types, and may be null
   */
  ViewTask(Row row) {
    this.row = row;
  }

  String id() {
    return row.getAs("id");
  }

  /** Returns the cameras of the views; none if the column is null. */
  List<Row> targets() {
    int column = row.fieldIndex("targets");
    return row.isNullAt(column) ? List.of() : row.getList(column);
  }

  /**
   * Reads the images and the cameras.
   *
   * @throws IOException if an image is missing, damaged or too large, or the mask does not fit
   * @throws IllegalArgumentException if a camera is missing or out of range
   */
  ViewRequest request(DrawSettings settings) throws IOException {
    byte[] photograph = row.getAs("photograph");
    byte[] mask = row.getAs("mask");
    if (photograph == null) {
      throw new IllegalArgumentException("photograph is null, expected PNG or JPEG");
    }
    CameraPose camera = camera("source", row.getAs("source"));
    List<Row> targets = targets();
    List<CameraPose> cameras = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      cameras.add(camera("target " + i, targets.get(i)));
    }
    Photograph photo = Photographs.read(ImageFile.of("photograph", photograph));
    if (mask != null) {
      photo = Photographs.masked(photo, Photographs.readMask(ImageFile.of("mask", mask)));
    }
    return ViewRequest.of(photo, camera, cameras)
        .withSeed(Objects.requireNonNullElse(row.<Long>getAs("seed"), ViewRequest.DEFAULT_SEED))
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
