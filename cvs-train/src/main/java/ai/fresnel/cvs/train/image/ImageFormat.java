package ai.fresnel.cvs.train.image;

import java.nio.charset.StandardCharsets;

/** The formats of image files that are read. */
public enum ImageFormat {
  /** Portable Network Graphics. */
  PNG,
  /** JPEG, baseline or progressive, of 8 bits. */
  JPEG,
  /** The first image of a GIF. */
  GIF,
  /** Windows bitmaps. */
  BMP;

  /** Formats that people try, by their first bytes, for the message of the refusal. */
  private static final String[][] OTHERS = {
    {"II*\0", "TIFF"},
    {"MM\0*", "TIFF"},
    {"8BPS", "Photoshop"},
    {"%PDF", "PDF"},
    {"v/1\u0001", "OpenEXR"},
    {"DDS ", "DDS"},
    {"\u00abKTX", "KTX"},
    {"<svg", "SVG"},
    {"<?xml", "XML"}
  };

  /**
   * Recognises a format by the file's first bytes, whatever its name says.
   *
   * @param bytes the file's content
   * @return the format, or null if it is none of these
   */
  static ImageFormat of(byte[] bytes) {
    String head = head(bytes);
    if (head.startsWith("\u0089PNG\r\n\u001a\n")) {
      return PNG;
    }
    if (head.startsWith("\u00ff\u00d8")) {
      return JPEG;
    }
    if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) {
      return GIF;
    }
    return head.startsWith("BM") ? BMP : null;
  }

  /** Returns the name of another format, or null if the bytes are no known image. */
  static String other(byte[] bytes) {
    String head = head(bytes);
    for (String[] other : OTHERS) {
      if (head.startsWith(other[0])) {
        return other[1];
      }
    }
    if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) {
      return "WebP";
    }
    if (head.startsWith("ftyp", 4)) {
      return head.startsWith("avi", 8) ? "AVIF" : "HEIC";
    }
    return null;
  }

  private static String head(byte[] bytes) {
    return new String(bytes, 0, Math.min(16, bytes.length), StandardCharsets.ISO_8859_1);
  }
}
