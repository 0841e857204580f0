package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.checkpoint.FolderLock;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Every verb that writes a folder refuses one that is being written, and leaves it alone. */
class LockedFolderTest extends CommandTest {

  private void assertRefused(Path target, String... args) throws IOException {
    List<Path> before = tree();
    assertFails("cvs " + args[0] + ": " + target + ": is being written by ", args);
    assertTrue(err.contains("; if that is wrong, delete "), err);
    assertEquals(before, tree());
  }

  private List<Path> tree() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void aFolderThatIsBeingWrittenIsRefused() throws IOException {
    Path target = Files.createDirectory(folder.resolve("out"));
    String out = target.toString();
    String data = Files.createDirectory(folder.resolve("data")).toString();
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(8, 8, 0xff8040c0);
    String photo = folder.resolve("photo.png").toString();
    ImageIO.write(image, "png", Path.of(photo).toFile());
    String model = model().toString();
    String[] render = {"render", "--procedural", "1", "--views", "2", "--size", "16"};
    try (FolderLock lock = FolderLock.of(target)) {
      assertRefused(target, "train", "--data", data, "--out", out);
      assertRefused(target, with(render, "--out", out));
      assertRefused(target, "capture", "--from", data, "--out", out);
      String[] orbit = {"orbit", "--image", photo, "--model", model, "--source-elevation", "20"};
      assertRefused(target, with(orbit, "--out", out));
    }
    try (FolderLock lock = FolderLock.beside(target)) {
      assertRefused(target, "export", "--model", model, "--out", out);
    }
    assertEquals(0, run("export", "--model", model, "--out", out), err);
  }
}
