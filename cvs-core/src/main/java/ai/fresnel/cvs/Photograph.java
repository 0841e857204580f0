package ai.fresnel.cvs;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.background.BackgroundKey;
import ai.fresnel.cvs.background.Parts;
import ai.fresnel.cvs.cutout.Box;
import ai.fresnel.cvs.cutout.CutOutHints;
import ai.fresnel.cvs.cutout.ForegroundColours;
import ai.fresnel.cvs.cutout.GrabCut;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.resize.ResizeKernel;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A photograph of one object with straight alpha. It can be masked, cut out and framed for the
 * network. Immutable.
 */
public final class Photograph {

  /** Least alpha of a pixel that belongs to the object. */
  private static final int HALF_OPAQUE = 128;

  /** How far the soft rim of a speck reaches, pixels. */
  private static final int RIM = 2;

  private static final Logger LOGGER = LoggerFactory.getLogger(Photograph.class);

  private static final int MIN_SIDE = 8;
  private static final int MAX_SIDE = 1 << 15;

  private final byte[] rgba;
  private final int width;
  private final int height;

  private Photograph(byte[] rgba, int width, int height) {
    this.rgba = rgba;
    this.width = width;
    this.height = height;
  }

  /**
   * Makes a photograph from pixels.
   *
   * @param rgba 8-bit sRGB and straight alpha, (height, width, 4) row by row from the top; copied
   * @param width pixels, 8 to 32768
   * @param height pixels, 8 to 32768
   * @return the photograph
   * @throws IllegalArgumentException if a side is out of range or the array's length is not
   *     4·width·height
   */
  public static Photograph ofRgba(byte[] rgba, int width, int height) {
    Objects.requireNonNull(rgba, "rgba is null");
    if (Math.min(width, height) < MIN_SIDE || Math.max(width, height) > MAX_SIDE) {
      throw new IllegalArgumentException(
          "photograph is "
              + width
              + "×"
              + height
              + " pixels, expected sides from "
              + MIN_SIDE
              + " to "
              + MAX_SIDE);
    }
    if (rgba.length != 4L * width * height) {
      throw new IllegalArgumentException(
          "photograph has " + rgba.length + " bytes, expected " + 4L * width * height);
    }
    return new Photograph(rgba.clone(), width, height);
  }

  /**
   * Makes a photograph from a DJL image, with its transparency.
   *
   * @param image the image, which is not changed
   * @return the photograph
   * @throws IllegalArgumentException if a side is not 8 to 32768 pixels
   */
  public static Photograph of(Image image) {
    Objects.requireNonNull(image, "image is null");
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = rgb(image);
    byte[] alpha = alpha(image);
    byte[] rgba = new byte[4 * width * height];
    for (int i = 0; i < width * height; i++) {
      System.arraycopy(rgb, 3 * i, rgba, 4 * i, 3);
      rgba[4 * i + 3] = alpha[i];
    }
    return ofRgba(rgba, width, height);
  }

  /**
   * Recovers alpha from a DJL image, which does not expose it. The image is drawn over white and
   * over black; the difference is the share of the background.
   */
  private static byte[] alpha(Image image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] alpha = new byte[width * height];
    Arrays.fill(alpha, (byte) 255);
    int[] ground = new int[width * height];
    Arrays.fill(ground, 0xFFFFFFFF);
    Image onWhite = ImageFactory.getInstance().fromPixels(ground, width, height);
    // Images of one factory can be drawn on each other, whatever class each of them wraps.
    if (!onWhite.getClass().equals(image.getClass())) {
      return alpha;
    }
    Arrays.fill(ground, 0xFF000000);
    Image onBlack = ImageFactory.getInstance().fromPixels(ground, width, height);
    onWhite.drawImage(image, false);
    onBlack.drawImage(image, false);
    byte[] white = rgb(onWhite);
    byte[] black = rgb(onBlack);
    for (int i = 0; i < alpha.length; i++) {
      alpha[i] = (byte) (255 - (white[3 * i + 1] & 255) + (black[3 * i + 1] & 255));
    }
    return alpha;
  }

  private static byte[] rgb(Image image) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      return image.toNDArray(manager, Image.Flag.COLOR).toByteArray();
    }
  }

  /**
   * Returns the width.
   *
   * @return pixels
   */
  public int width() {
    return width;
  }

  /**
   * Returns the height.
   *
   * @return pixels
   */
  public int height() {
    return height;
  }

  /**
   * Returns whether any pixel is not fully opaque.
   *
   * @return true if transparency marks the object
   */
  public boolean hasTransparency() {
    for (int i = 3; i < rgba.length; i += 4) {
      if (rgba[i] != (byte) 255) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns the transparency.
   *
   * @return alpha of each pixel, row by row from the top: 0 for none of the object to 255
   */
  public byte[] alpha() {
    byte[] alpha = new byte[width * height];
    for (int i = 0; i < alpha.length; i++) {
      alpha[i] = rgba[4 * i + 3];
    }
    return alpha;
  }

  /**
   * Marks the object by a mask. Where the mask is between none and all of an opaque photograph, the
   * object's own colours are estimated, so that no fringe of the old background shows.
   *
   * @param mask an image of this photograph's size, white or opaque on the object: its alpha if it
   *     has transparency, else its grey
   * @return a copy of this photograph with the mask as its alpha
   * @throws IllegalArgumentException if the sizes differ
   */
  public Photograph withMask(Photograph mask) {
    Objects.requireNonNull(mask, "mask is null");
    if (mask.width != width || mask.height != height) {
      throw new IllegalArgumentException(
          String.format(
              "mask is %d×%d pixels, expected the photograph's %d×%d",
              mask.width, mask.height, width, height));
    }
    boolean byAlpha = mask.hasTransparency();
    byte[] masked = rgba.clone();
    for (int i = 0; i < masked.length; i += 4) {
      int grey = (mask.rgba[i] & 255) + (mask.rgba[i + 1] & 255) + (mask.rgba[i + 2] & 255);
      masked[i + 3] = byAlpha ? mask.rgba[i + 3] : (byte) Math.round(grey / 3f);
    }
    return hasTransparency()
        ? new Photograph(masked, width, height)
        : new Photograph(ForegroundColours.estimate(masked, width, height), width, height);
  }

  /**
   * Cuts out the object in a box, however busy the background is, by {@link GrabCut}.
   *
   * @param box around the whole object
   * @return a copy of this photograph with new alpha; transparency that it has is not asked
   * @throws IllegalArgumentException if the box lies outside of the photograph or leaves no
   *     background outside, or no object is found
   */
  public Photograph cutOutInside(Box box) {
    return cutOutBy(CutOutHints.inside(Objects.requireNonNull(box, "box is null")));
  }

  /**
   * Cuts out the object that a box or strokes of a brush show, as {@link #cutOutInside}.
   *
   * @param hints where the object is
   * @return a copy of this photograph with new alpha; transparency that it has is not asked
   * @throws IllegalArgumentException as {@link #cutOutInside}
   */
  public Photograph cutOutBy(CutOutHints hints) {
    Objects.requireNonNull(hints, "hints is null");
    byte[] alpha = GrabCut.alpha(rgba, width, height, hints);
    byte[] cut = rgba.clone();
    for (int i = 0; i < alpha.length; i++) {
      cut[4 * i + 3] = alpha[i];
    }
    return new Photograph(ForegroundColours.estimate(cut, width, height), width, height);
  }

  /**
   * Cuts the object out of a plain background. Pixels of the border's colour, within 28 of 255 per
   * channel, that are connected to the border become transparent. Where the background is shaded or
   * noisy, they are compared with a smooth surface of light instead, and soft shadows become
   * transparent too.
   *
   * @return this photograph if it has transparency already; else a copy with it
   * @throws IllegalArgumentException if less than three quarters of the border have one smoothly
   *     changing colour, or no object differs from it
   */
  public Photograph cutOut() {
    return hasTransparency()
        ? this
        : new Photograph(BackgroundKey.cutOut(rgba, width, height), width, height);
  }

  /**
   * Frames the photograph for the network, on white.
   *
   * @param framing how to crop
   * @param radius assumed distance of the camera from the object's centre in object lengths, above
   *     0; ignored where the whole photograph is taken
   * @param size S, side of the result in pixels
   * @return (3, S, S) in [-1, 1]
   * @throws IllegalArgumentException if the photograph cannot be framed: it is fully transparent,
   *     on a busy background, or not square and to be taken whole
   */
  public float[] framed(Framing framing, double radius, int size) {
    Objects.requireNonNull(framing, "framing is null");
    if (framing == Framing.WHOLE) {
      requireSquare();
      return resample(0, 0, width, size, true);
    }
    if (!(radius > 0)) {
      throw new IllegalArgumentException("radius is " + radius + ", expected above 0");
    }
    Placed placed = placed();
    Photograph object = placed.object;
    ObjectPlace place = placed.place;
    double focal = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 1).normalisedFx();
    double longer = Math.max(place.right() - place.left(), place.bottom() - place.top());
    double side = longer * radius / focal;
    double left = (place.left() + place.right() - side) / 2;
    double top = (place.top() + place.bottom() - side) / 2;
    return object.resample(left, top, side, size, false);
  }

  /**
   * Frames the photograph as Zero123's authors do, to the same 8-bit values: on white, the object's
   * longer side reduced with Lanczos' filter to 200 of 256 pixels. A smaller object keeps its size.
   * Pixels that are less than half opaque are white, without a soft rim. Specks are left out, as by
   * {@link #objectPlace}.
   *
   * @param framing how to crop; a whole photograph is resized with Lanczos' filter, too
   * @param size S, side of the result in pixels
   * @return (3, S, S) in [-1, 1]
   * @throws IllegalArgumentException if the photograph cannot be framed, see {@link #framed}
   */
  public float[] framedAsZero123(Framing framing, int size) {
    Objects.requireNonNull(framing, "framing is null");
    if (framing == Framing.WHOLE) {
      requireSquare();
      return Zero123Frame.ofWhole(rgba, width, size);
    }
    Placed placed = placed();
    return Zero123Frame.ofObject(placed.object.rgba, width, placed.place, size);
  }

  private void requireSquare() {
    if (width != height) {
      throw new IllegalArgumentException(
          "photograph is " + width + "×" + height + " pixels, expected a square one");
    }
  }

  /** The object without background and specks, and where it is. */
  private record Placed(Photograph object, ObjectPlace place) {}

  private Placed placed() {
    Photograph object = cutOut();
    Parts parts = object.parts();
    ObjectPlace place = object.place(parts);
    if (place.specks() > 0) {
      LOGGER.warn("{}", place.leftOut());
      object = object.without(parts, place);
    }
    return new Placed(object, place);
  }

  /**
   * Finds where the object is: the box around its parts, without specks. A part of less than 1/200
   * of the largest one's pixels, or of less than four, is a speck and left out if it lies outside
   * the box of the others; what is inside the box stays.
   *
   * @return the object's place, after {@link #cutOut}
   * @throws IllegalArgumentException if the photograph cannot be cut out or shows nothing
   */
  public ObjectPlace objectPlace() {
    Photograph object = cutOut();
    return object.place(object.parts());
  }

  private Parts parts() {
    return Parts.of(width, height, pixel -> (rgba[4 * pixel + 3] & 255) >= HALF_OPAQUE);
  }

  private ObjectPlace place(Parts parts) {
    int[] box = {width, height, 0, 0};
    for (Parts.Part part : parts.objects()) {
      box[0] = Math.min(box[0], part.left());
      box[1] = Math.min(box[1], part.top());
      box[2] = Math.max(box[2], part.right());
      box[3] = Math.max(box[3], part.bottom());
    }
    if (box[2] == 0) {
      throw new IllegalArgumentException(
          "photograph shows nothing: no pixel is at least half opaque");
    }
    Set<Parts.Part> specks = new HashSet<>();
    parts.specks(
        (y, from, to, part) -> {
          if (isOutside(part, box)) {
            specks.add(part);
          }
        });
    int pixels = specks.stream().mapToInt(part -> part.pixels()).sum();
    return new ObjectPlace(box[0], box[1], box[2], box[3], specks.size(), pixels);
  }

  private static boolean isOutside(Parts.Part part, int[] box) {
    return part.left() < box[0]
        || part.top() < box[1]
        || part.right() > box[2]
        || part.bottom() > box[3];
  }

  /** Makes the specks outside of the object's place transparent, with their soft rims. */
  private Photograph without(Parts parts, ObjectPlace place) {
    int[] box = {place.left(), place.top(), place.right(), place.bottom()};
    byte[] cleaned = rgba.clone();
    parts.specks(
        (y, from, to, part) -> {
          if (isOutside(part, box)) {
            for (int v = Math.max(0, y - RIM); v <= Math.min(height - 1, y + RIM); v++) {
              for (int u = Math.max(0, from - RIM); u < Math.min(width, to + RIM); u++) {
                int alpha = 4 * (v * width + u) + 3;
                boolean speck = v == y && u >= from && u < to;
                cleaned[alpha] = speck || cleaned[alpha] > 0 ? 0 : cleaned[alpha];
              }
            }
          }
        });
    return new Photograph(cleaned, width, height);
  }

  /** Crops a square and resizes it. Pixels outside the photograph are white. */
  private float[] resample(double left, double top, double side, int size, boolean extendEdges) {
    ResizeKernel columns = ResizeKernel.of(left, side, width, size, extendEdges);
    ResizeKernel rows = ResizeKernel.of(top, side, height, size, extendEdges);
    return ResizeKernel.onWhite(rgba, width, columns, rows);
  }
}
