package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.fresnel.cvs.model.ModelConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command in this process and keeps what it said. */
public abstract class CommandTest {

  /** A folder for the files of a test. */
  @TempDir protected Path folder;

  /** What the last run wrote to standard output. */
  protected String out;

  /** What it wrote to standard error. */
  protected String err;

  /** Returns the exit status. */
  protected int run(String... args) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    int status = Cvs.run(new PrintWriter(outText), new PrintWriter(errText), args);
    out = outText.toString();
    err = errText.toString();
    return status;
  }

  /** Asserts status 2, a first line of standard error and a hint at the end. */
  protected void assertBadUsage(String expected, String... args) {
    assertEquals(2, run(args), err);
    List<String> lines = err.lines().toList();
    assertEquals(expected, lines.get(0));
    assertTrue(lines.get(lines.size() - 1).startsWith("Try: cvs"), err);
  }

  /** Asserts status 1 and the start of the only line on standard error. */
  protected void assertFails(String expected, String... args) {
    assertEquals(1, run(args), err);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith(expected), err);
  }

  /** Appends arguments. */
  protected static String[] with(String[] args, String... more) {
    String[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return all;
  }

  /** Writes a student of 16×16 images with random weights. */
  protected Path model() throws IOException {
    return writeModel(1);
  }

  /** Writes it with weights of the last layer that are multiplied by a number. */
  protected Path writeModel(float scale) throws IOException {
    Path path = folder.resolve("model");
    RandomModel.write(
        path,
        RandomModel.config(ModelConfig.Kind.CONSISTENCY, 16).build(),
        (manager, weights) -> {
          for (NDArray weight : weights.values()) {
            // No layer silent, as some are at the start of training.
            weight.addi(manager.randomNormal(0, 0.2f, weight.getShape(), DataType.FLOAT32));
          }
          weights.get("unet.out.conv.weight").muli(scale);
        });
    return path;
  }

  /** Writes a photograph of 30×20 pixels. */
  protected Path photo() throws IOException {
    BufferedImage image = new BufferedImage(30, 20, BufferedImage.TYPE_INT_ARGB);
    for (int i = 5; i < 15; i++) {
      image.setRGB(2 * i, i, 0xFF3050A0);
    }
    Path file = folder.resolve("photo.png");
    ImageIO.write(image, "png", file.toFile());
    return file;
  }
}
