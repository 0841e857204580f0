package ai.fresnel.cvs.encoder;

/** A DINOv2 of 16×16 tokens of width 8 for tests. */
public final class TinyDino {

  private TinyDino() {}

  public static DinoV2 create() {
    return new DinoV2(new VitConfig(8, 2, 2, 2, 32, 5, 0));
  }
}
