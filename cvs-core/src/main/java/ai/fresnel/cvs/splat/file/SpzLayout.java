package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.splat.GaussianArrays;

/**
 * What a {@code .spz} file holds after its header: one block for each quantity, each with all
 * Gaussians. Published by Niantic, github.com/nianticlabs/spz; versions 1 to 3 are one gzip stream.
 *
 * @param version 1 to 3
 * @param count the number of Gaussians
 * @param degree of the harmonics, 0 to 3
 * @param fractionalBits bits of a position behind the binary point
 */
record SpzLayout(int version, long count, int degree, int fractionalBits) {
  static final int MAGIC = 0x5053474E;
  static final int HEADER_BYTES = 16;
  static final int NEWEST = 3;

  /** The version that is written: the newest that all readers know. */
  static final int WRITTEN = 2;

  /** The factor of colours, wider than the harmonic's own so that they may leave 0 to 1. */
  static final double COLOUR = 0.15;

  /** Log scales are steps of a sixteenth from here. */
  static final double LEAST_LOG_SCALE = -10;

  static final double SCALE_STEPS = 16;
  static final double HARMONIC_STEPS = 128;

  /** What version 2 spreads the numbers of a quaternion over. */
  static final double QUATERNION_STEPS = 127.5;

  int positionBytes() {
    return version == 1 ? 6 : 9;
  }

  int rotationBytes() {
    return version < 3 ? 3 : 4;
  }

  int harmonicBytes() {
    return 3 * (GaussianArrays.harmonics(degree) - 1);
  }

  // Where the blocks begin.

  long opacities() {
    return count * positionBytes();
  }

  long colours() {
    return opacities() + count;
  }

  long scales() {
    return colours() + 3 * count;
  }

  long rotations() {
    return scales() + 3 * count;
  }

  long harmonics() {
    return rotations() + count * rotationBytes();
  }

  /** Returns the bytes after the header. */
  long bytes() {
    return harmonics() + count * harmonicBytes();
  }
}
