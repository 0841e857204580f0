package ai.fresnel.cvs.train.monitor;

import ai.fresnel.cvs.train.viewset.PngFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Arranges images in rows and columns, with a line of text under each, in one PNG.
 *
 * <p>{@code ContactSheet.of(4).add(source, "source").add(view, "1 pass").write(file)}. Small images
 * are enlarged by a whole number until they are at least 128 pixels wide.
 */
public final class ContactSheet {

  private static final int MIN_CELL = 128;
  private static final int GAP = 4;
  private static final int FONT_SCALE = 2;
  private static final int LABEL_HEIGHT = PixelFont.HEIGHT * FONT_SCALE + 6;

  /** An image, (3, size, size). */
  private static final class Cell {
    final byte[] chw;
    final int size;
    final String label;

    Cell(byte[] chw, String label) {
      this.chw = chw;
      this.size = (int) Math.round(Math.sqrt(chw.length / 3.0));
      this.label = PixelFont.supported(label);
      if (size < 1 || chw.length != 3 * size * size) {
        throw new IllegalArgumentException(
            "image \"" + label + "\" has " + chw.length + " values, expected 3·S·S");
      }
    }
  }

  private final int columns;
  private final List<Cell> cells = new ArrayList<>();

  private ContactSheet(int columns) {
    this.columns = columns;
  }

  /**
   * Starts an empty sheet.
   *
   * @param columns images in a row, at least 1
   * @return the sheet
   * @throws IllegalArgumentException if {@code columns} is below 1
   */
  public static ContactSheet of(int columns) {
    if (columns < 1) {
      throw new IllegalArgumentException(columns + " columns, expected at least 1");
    }
    return new ContactSheet(columns);
  }

  /**
   * Adds an image, from left to right, then top to bottom.
   *
   * @param chw (3, S, S) in [-1, 1]; values outside are clipped
   * @param label the text under it, cut to the image's width; shown in capitals
   * @return this sheet
   * @throws IllegalArgumentException if the length is not 3·S·S
   */
  public ContactSheet add(float[] chw, String label) {
    byte[] bytes = new byte[chw.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(Math.min(1, Math.max(-1, chw[i])) * 127.5f + 127.5f);
    }
    return add(bytes, label);
  }

  /**
   * Adds an image, from left to right, then top to bottom.
   *
   * @param chw (3, S, S), 8-bit sRGB
   * @param label the text under it, cut to the image's width; shown in capitals
   * @return this sheet
   * @throws IllegalArgumentException if the length is not 3·S·S
   */
  public ContactSheet add(byte[] chw, String label) {
    cells.add(new Cell(chw, label));
    return this;
  }

  /**
   * Writes the sheet.
   *
   * @param png the file; its folder is made, an older file is replaced
   * @throws IOException if it cannot be written
   * @throws IllegalStateException if there are no images
   */
  public void write(Path png) throws IOException {
    if (cells.isEmpty()) {
      throw new IllegalStateException("the contact sheet has no images, expected at least 1");
    }
    int largest = cells.stream().mapToInt(cell -> cell.size).max().getAsInt();
    int zoom = Math.max(1, (MIN_CELL + largest - 1) / largest);
    int cellSize = largest * zoom;
    int usedColumns = Math.min(columns, cells.size());
    int rows = (cells.size() + columns - 1) / columns;
    int width = GAP + usedColumns * (cellSize + GAP);
    int height = GAP + rows * (cellSize + LABEL_HEIGHT + GAP);
    byte[] rgba = new byte[Math.multiplyExact(4, Math.multiplyExact(width, height))];
    // A grey border, since the background of images is white.
    Arrays.fill(rgba, (byte) 224);
    for (int i = 3; i < rgba.length; i += 4) {
      rgba[i] = (byte) 255;
    }
    for (int i = 0; i < cells.size(); i++) {
      int left = GAP + i % columns * (cellSize + GAP);
      int top = GAP + i / columns * (cellSize + LABEL_HEIGHT + GAP);
      drawImage(rgba, width, left, top, cells.get(i), cellSize);
      drawLabel(rgba, width, left, top + cellSize + 3, cells.get(i).label, cellSize);
    }
    if (png.toAbsolutePath().getParent() != null) {
      Files.createDirectories(png.toAbsolutePath().getParent());
    }
    PngFile.write(png, width, height, rgba);
  }

  private static void drawImage(
      byte[] rgba, int width, int left, int top, Cell cell, int cellSize) {
    int plane = cell.size * cell.size;
    for (int y = 0; y < cellSize; y++) {
      for (int x = 0; x < cellSize; x++) {
        int from = y * cell.size / cellSize * cell.size + x * cell.size / cellSize;
        int to = 4 * ((top + y) * width + left + x);
        rgba[to] = cell.chw[from];
        rgba[to + 1] = cell.chw[plane + from];
        rgba[to + 2] = cell.chw[2 * plane + from];
      }
    }
  }

  private static void drawLabel(
      byte[] rgba, int width, int left, int top, String label, int cellSize) {
    int advance = (PixelFont.WIDTH + 1) * FONT_SCALE;
    int shown = Math.min(label.length(), cellSize / advance);
    for (int i = 0; i < shown; i++) {
      for (int y = 0; y < PixelFont.HEIGHT * FONT_SCALE; y++) {
        for (int x = 0; x < PixelFont.WIDTH * FONT_SCALE; x++) {
          if (PixelFont.isInk(label.charAt(i), x / FONT_SCALE, y / FONT_SCALE)) {
            int to = 4 * ((top + y) * width + left + i * advance + x);
            rgba[to] = 0;
            rgba[to + 1] = 0;
            rgba[to + 2] = 0;
          }
        }
      }
    }
  }
}
