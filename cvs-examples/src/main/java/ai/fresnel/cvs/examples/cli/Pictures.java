package ai.fresnel.cvs.examples.cli;

import ai.djl.modality.cv.Image;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import javax.imageio.ImageIO;

/** Pictures to files. */
final class Pictures {

  private Pictures() {}

  /** Pictures of one size in a row. */
  static BufferedImage sideBySide(List<Image> images) {
    int width = images.get(0).getWidth();
    int height = images.get(0).getHeight();
    BufferedImage row =
        new BufferedImage(width * images.size(), height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = row.createGraphics();
    for (int i = 0; i < images.size(); i++) {
      graphics.drawImage((BufferedImage) images.get(i).getWrappedImage(), i * width, 0, null);
    }
    graphics.dispose();
    return row;
  }

  /** Writes a PNG whole or not at all; its folder is made, an older file is replaced. */
  static void writePng(Path file, BufferedImage picture) throws IOException {
    Path target = file.toAbsolutePath();
    Files.createDirectories(target.getParent());
    Path temporary = target.resolveSibling("." + target.getFileName() + ".writing");
    try (OutputStream out = Files.newOutputStream(temporary)) {
      ImageIO.write(picture, "png", out);
    }
    Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
  }
}
