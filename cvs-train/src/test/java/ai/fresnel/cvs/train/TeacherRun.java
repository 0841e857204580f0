package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A run of a teacher on a view set of small images, made before the tests. */
abstract class TeacherRun {

  @TempDir static Path shared;

  static Path data;

  static Path teacherRun;

  @TempDir Path folder;

  @BeforeAll
  static void trainTheTeacher() throws IOException {
    data = shared.resolve("views");
    TinyViews.write(data, 4, "train", "train", "validation");
    teacherRun = shared.resolve("teacher");
    assertEquals(48, Runs.teacher(data, teacherRun).build().train());
  }
}
