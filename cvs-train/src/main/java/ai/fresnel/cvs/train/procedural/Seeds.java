package ai.fresnel.cvs.train.procedural;

import java.util.Random;

/** Derives independent random streams from one seed. */
public final class Seeds {
  private Seeds() {}

  /**
   * Makes a random generator for a purpose.
   *
   * <p>Uses {@link Random}, whose algorithm is part of the Java specification, and mixes the seed
   * first, since streams of neighbouring seeds start alike.
   *
   * @param seed any number
   * @param purpose the name of the stream
   * @return a new generator
   */
  public static Random random(long seed, String purpose) {
    return new Random(mix(seed ^ mix(hash(purpose))));
  }

  /**
   * Derives the seed of a named object from a common seed.
   *
   * @param seed any number
   * @param name the name of the object
   * @return its seed
   */
  public static long derive(long seed, String name) {
    return mix(mix(seed) ^ hash(name));
  }

  /** FNV-1a over UTF-16 units; unlike {@code hashCode}, it fills all 64 bits. */
  private static long hash(String text) {
    long h = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      h = (h ^ text.charAt(i)) * 0x100000001b3L;
    }
    return h;
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
