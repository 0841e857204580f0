package ai.fresnel.cvs;

/** How a photograph becomes the square image that the network reads. */
public enum Framing {
  /**
   * By the object: a square around it, so wide that the object's longer side fills 1.094 / radius
   * of it, as an object one unit long seen from that radius does. Where the object is, transparency
   * says; without, the background must be plain and is cut away ({@link Photograph#cutOut}).
   */
  OBJECT,

  /** The whole photograph, which must be square: it is already framed, as rendered views are. */
  WHOLE
}
