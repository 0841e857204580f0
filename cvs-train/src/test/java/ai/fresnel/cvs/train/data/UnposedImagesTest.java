package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.TranslateException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnposedImagesTest {

  private static final int SIZE = 8;

  @TempDir Path folder;

  /** One colour, transparent on the right. */
  private static void write(Path file, int side, int rgb) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        image.setRGB(x, y, x < side / 2 ? 0xFF000000 | rgb : 0);
      }
    }
    ImageIO.write(image, "png", file.toFile());
  }

  private UnposedImages open() {
    return UnposedImages.builder()
        .setRepositoryPath(folder)
        .setSize(SIZE)
        .setSampling(2, false)
        .build();
  }

  @Test
  void transparencyIsWhiteAndSubfoldersAreClasses() throws IOException, TranslateException {
    write(folder.resolve("b/two.png"), SIZE, 0x00FF00);
    write(folder.resolve("a/nine.png"), SIZE, 0xFF0000);
    write(folder.resolve("a/five.png"), 2 * SIZE, 0x0000FF);
    UnposedImages images = open();
    images.prepare();
    assertEquals(3, images.size());
    assertEquals(List.of("a", "b"), images.getSynset());
    assertEquals(
        List.of("five.png", "nine.png", "two.png"),
        List.of(0L, 1L, 2L).stream().map(i -> images.file(i).getFileName().toString()).toList());
    float[] red = images.image(1);
    for (int i = 0; i < red.length; i++) {
      boolean white = i % SIZE >= SIZE / 2;
      assertEquals(white || i < SIZE * SIZE ? 1 : -1, red[i], 1e-6f, "value " + i);
    }
    try (NDManager manager = NDManager.newBaseManager()) {
      Batch batch = images.getData(manager).iterator().next();
      assertEquals(new Shape(2, 3, SIZE, SIZE), batch.getData().head().getShape());
      assertEquals(DataType.FLOAT32, batch.getData().head().getDataType());
      assertArrayEquals(red, batch.getData().head().get(1).toFloatArray());
      assertArrayEquals(new long[] {0, 0}, batch.getLabels().head().toLongArray());
      batch.close();
    }
  }

  @Test
  void aFolderOfImagesIsOneClass() throws IOException, TranslateException {
    write(folder.resolve("x.png"), SIZE, 0x123456);
    UnposedImages images = open();
    images.prepare();
    assertEquals(1, images.size());
    assertEquals(1, images.getClasses().size());
    assertEquals(3 * SIZE * SIZE, images.image(0).length);
  }

  /** An object that is cut out is larger in its frame than one taken whole. */
  @Test
  void objectsAreFramed() throws IOException, TranslateException {
    write(folder.resolve("x.png"), 4 * SIZE, 0x000000);
    UnposedImages images =
        UnposedImages.builder()
            .setRepositoryPath(folder)
            .setSize(SIZE)
            .setSampling(1, false)
            .optObjects(1.7)
            .build();
    images.prepare();
    float[] framed = images.image(0);
    int middle = SIZE / 2 * SIZE + SIZE / 2;
    assertEquals(-1, framed[middle], 0.1f, "the object is in the middle");
    assertEquals(1, framed[0], 1e-6f, "its surroundings are white");
  }

  @Test
  void whatIsWrongIsNamed() throws IOException {
    assertThrows(IOException.class, () -> open().prepare());
    BufferedImage wide = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    ImageIO.write(wide, "png", folder.resolve("wide.png").toFile());
    assertThrows(
        IllegalStateException.class,
        () -> UnposedImages.builder().setRepositoryPath(folder).setSampling(1, false).build());
    assertThrows(IllegalArgumentException.class, () -> UnposedImages.builder().setSize(0));
    UnposedImages images = open();
    assertTrue(
        assertThrows(
                IOException.class,
                () -> {
                  images.prepare();
                  images.image(0);
                })
            .getMessage()
            .contains("wide.png"));
  }
}
