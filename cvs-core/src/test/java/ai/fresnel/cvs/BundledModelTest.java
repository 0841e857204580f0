package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.model.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledModelTest {

  @TempDir Path temporary;

  private Path folder(String name, String... files) throws IOException {
    Path folder = Files.createDirectory(temporary.resolve(name));
    for (String file : files) {
      Files.writeString(folder.resolve(file), "half");
    }
    return folder;
  }

  private static void age(Path path) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(Instant.now().minusSeconds(90_000)));
  }

  /** Only folders that hold nothing but a model, a day old and in no other user's hands. */
  @Test
  void whatKilledProcessesLeftIsDeleted() throws IOException {
    folder("cvs-model-young", ModelFolder.WEIGHTS);
    age(folder("cvs-model-1", ModelFolder.CONFIG, ModelFolder.WEIGHTS));
    age(folder("cvs-model-2"));
    age(folder("other", ModelFolder.WEIGHTS));
    age(Files.writeString(temporary.resolve("cvs-model.txt"), "a file"));
    BundledModel.deleteAbandoned(temporary);
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(
          List.of("cvs-model-young", "cvs-model.txt", "other"),
          left.map(path -> path.getFileName().toString()).sorted().toList());
    }
    age(folder("cvs-model-3", ModelFolder.WEIGHTS, "mine.txt"));
    BundledModel.deleteAbandoned(temporary);
    assertEquals("half", Files.readString(temporary.resolve("cvs-model-3/mine.txt")));
    BundledModel.deleteAbandoned(temporary.resolve("missing"));
  }
}
