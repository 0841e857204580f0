package ai.fresnel.cvs.train.splat;

/**
 * The colours of one view: out = gain·in + offset for each of red, green and blue.
 *
 * @param values 6 values: three gains, then three offsets. Not copied
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
record ColourCorrection(float[] values) {

  static ColourCorrection none() {
    return new ColourCorrection(new float[] {1, 1, 1, 0, 0, 0});
  }

  float gain(int channel) {
    return values[channel];
  }

  float offset(int channel) {
    return values[3 + channel];
  }
}
