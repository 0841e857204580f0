package ai.fresnel.cvs;

/** Chooses how a photograph is cropped to the square image that the network reads. */
public enum Framing {
  /**
   * Crops a square around the object. Its longer side fills 1.094 / radius of the square, as an
   * object one unit long seen from that radius does; for Zero123 at most 200/256, whatever the
   * radius ({@link Photograph#framedAsZero123}). Transparency says where the object is. Without
   * transparency the background must be plain and is cut away ({@link Photograph#cutOut}).
   */
  OBJECT,

  /** Takes the whole photograph, which must be square and framed already, as rendered views are. */
  WHOLE
}
