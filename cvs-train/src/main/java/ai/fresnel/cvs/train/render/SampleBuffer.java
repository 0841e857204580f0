package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.mesh.Srgb;
import java.util.Arrays;

/** The samples of an image: linear premultiplied colour and inverse depth. */
final class SampleBuffer {
  final int width;
  final int height;

  /** (height,width,4). */
  final float[] rgba;

  /** (height,width): 1/z of the nearest surface, 0 where none. */
  final float[] inverseDepth;

  private final int supersampling;

  SampleBuffer(int width, int height, int supersampling) {
    this.width = width;
    this.height = height;
    this.supersampling = supersampling;
    rgba = new float[4 * width * height];
    inverseDepth = new float[width * height];
  }

  void clear() {
    Arrays.fill(rgba, 0);
    Arrays.fill(inverseDepth, 0);
  }

  /** Averages the samples of each pixel and converts to straight alpha and sRGB. */
  RenderedView resolve(CameraPose pose, Intrinsics intrinsics) {
    int s = supersampling;
    int w = width / s;
    int h = height / s;
    byte[] bytes = new byte[4 * w * h];
    float[] depth = new float[w * h];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        float red = 0;
        float green = 0;
        float blue = 0;
        float alpha = 0;
        for (int sy = 0; sy < s; sy++) {
          int at = 4 * ((y * s + sy) * width + x * s);
          for (int sx = 0; sx < s; sx++, at += 4) {
            red += rgba[at];
            green += rgba[at + 1];
            blue += rgba[at + 2];
            alpha += rgba[at + 3];
          }
        }
        int pixel = y * w + x;
        int coverage = Math.round(255 * Math.min(1, alpha / (s * s)));
        if (coverage > 0) {
          bytes[4 * pixel] = Srgb.encode(red / alpha);
          bytes[4 * pixel + 1] = Srgb.encode(green / alpha);
          bytes[4 * pixel + 2] = Srgb.encode(blue / alpha);
          bytes[4 * pixel + 3] = (byte) coverage;
        }
        float centre = inverseDepth[(y * s + s / 2) * width + x * s + s / 2];
        depth[pixel] = centre > 0 ? 1 / centre : 0;
      }
    }
    return new RenderedView(bytes, depth, pose, intrinsics);
  }
}
