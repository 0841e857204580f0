package ai.fresnel.cvs.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sizes of a DINOv2 (Oquab et al. 2023) with patches of 14 pixels and an MLP of four times the
 * width. With registers (Darcet et al. 2024) it interpolates its positions in another way.
 *
 * @param width width of a token, 1 to 8192
 * @param depth number of blocks, 1 to 64
 * @param heads attention heads, a divisor of the width
 * @param grid patches a side for which the positions were learned, 1 to 128; 37 as published
 * @param registers tokens without a place in the image, 0 to 64; 0 or 4 as published
 */
public record DinoConfig(int width, int depth, int heads, int grid, int registers) {

  /** Side of a patch, pixels. */
  public static final int PATCH = 14;

  private static final int PUBLISHED_GRID = 37;
  private static final int PUBLISHED_REGISTERS = 4;
  private static final int MAX_GRID = 128;

  private static final Map<String, DinoConfig> PUBLISHED = published();
  private static final Pattern OTHER =
      Pattern.compile(
          "dinov2_vit14_([1-9][0-9]{0,3})x([1-9][0-9]?)x([1-9][0-9]{0,3})"
              + "_grid([1-9][0-9]{0,2})(?:_reg([1-9][0-9]?))?");

  /**
   * Checks the sizes.
   *
   * @param width as above
   * @param depth as above
   * @param heads as above
   * @param grid as above
   * @param registers as above
   * @throws IllegalArgumentException if a size is out of range
   */
  public DinoConfig {
    Checks.range("width", width, 1, Checks.MAX_WIDTH);
    Checks.range("depth", depth, 1, 64);
    Checks.range("heads", heads, 1, width);
    Checks.check(width % heads == 0, "heads", heads, "a divisor of width, which is " + width);
    Checks.range("grid", grid, 1, MAX_GRID);
    Checks.range("registers", registers, 0, 64);
  }

  private static Map<String, DinoConfig> published() {
    Map<String, DinoConfig> sizes = new LinkedHashMap<>();
    sizes.put("dinov2_vits14", new DinoConfig(384, 12, 6, PUBLISHED_GRID, 0));
    sizes.put("dinov2_vitb14", new DinoConfig(768, 12, 12, PUBLISHED_GRID, 0));
    sizes.put("dinov2_vitl14", new DinoConfig(1024, 24, 16, PUBLISHED_GRID, 0));
    Map<String, DinoConfig> all = new LinkedHashMap<>(sizes);
    sizes.forEach((name, c) -> all.put(name + "_reg", c.withRegisters(PUBLISHED_REGISTERS)));
    return all;
  }

  /**
   * Returns the names of the published sizes.
   *
   * @return {@code dinov2_vits14} and others, those with registers last, with {@code _reg}
   */
  public static Iterable<String> publishedNames() {
    return PUBLISHED.keySet();
  }

  /**
   * Finds the sizes that a name says.
   *
   * @param name a published name, or {@code dinov2_vit14_WIDTHxDEPTHxHEADS_gridG} and perhaps
   *     {@code _regR}
   * @return the sizes; empty for another name
   */
  public static Optional<DinoConfig> named(String name) {
    DinoConfig published = PUBLISHED.get(name);
    if (published != null) {
      return Optional.of(published);
    }
    Matcher other = OTHER.matcher(name);
    if (!other.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new DinoConfig(
              Integer.parseInt(other.group(1)),
              Integer.parseInt(other.group(2)),
              Integer.parseInt(other.group(3)),
              Integer.parseInt(other.group(4)),
              other.group(5) == null ? 0 : Integer.parseInt(other.group(5))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the name that {@link #named} finds.
   *
   * @return the published name of these sizes, or one that spells them out
   */
  public String name() {
    return PUBLISHED.entrySet().stream()
        .filter(one -> one.getValue().equals(this))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseGet(this::spelled);
  }

  private String spelled() {
    return "dinov2_vit14_%dx%dx%d_grid%d%s"
        .formatted(width, depth, heads, grid, registers == 0 ? "" : "_reg" + registers);
  }

  /**
   * Returns these sizes with another number of registers.
   *
   * @param value the number
   * @return the sizes
   */
  public DinoConfig withRegisters(int value) {
    return new DinoConfig(width, depth, heads, grid, value);
  }
}
