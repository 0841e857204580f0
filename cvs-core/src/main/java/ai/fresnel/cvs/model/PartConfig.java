package ai.fresnel.cvs.model;

/** What a part of a model is that has a folder of its own: a frozen encoder or a codec. */
public sealed interface PartConfig permits DinoConfig {

  /**
   * Names the part.
   *
   * @return a name of its kind and sizes
   */
  String name();
}
