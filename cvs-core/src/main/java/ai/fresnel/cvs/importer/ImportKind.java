package ai.fresnel.cvs.importer;

/** The kinds of published weights that can be imported. */
public enum ImportKind {
  /** A DINOv2, of facebookresearch or of transformers. */
  DINOV2
}
