package ai.fresnel.cvs;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchRuntime;

/** Reads images for comparison. */
final class Pixels {

  private Pixels() {}

  /** Returns the red, green and blue values of all pixels, 0 to 255, row by row. */
  static int[] of(Image image) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      byte[] rgb = image.toNDArray(manager, Image.Flag.COLOR).toByteArray();
      int[] values = new int[rgb.length];
      for (int i = 0; i < rgb.length; i++) {
        values[i] = rgb[i] & 255;
      }
      return values;
    }
  }
}
