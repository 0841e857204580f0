package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Numbers with a shape and the operations of a network on them as plain loops: slow and obvious.
 * The reference of every fused block.
 */
public final class SlowTensor {

  private final double[] values;
  private final int[] shape;

  public SlowTensor(double[] values, int... shape) {
    if (values.length != Arrays.stream(shape).reduce(1, Math::multiplyExact)) {
      throw new IllegalArgumentException(values.length + " for " + Arrays.toString(shape));
    }
    this.values = values;
    this.shape = shape;
  }

  public static SlowTensor of(NDArray array) {
    int[] shape = Arrays.stream(array.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
    try (NDArray doubles = array.toType(DataType.FLOAT64, true)) {
      return new SlowTensor(doubles.toDoubleArray(), shape);
    }
  }

  public double[] values() {
    return values;
  }

  public int size(int axis) {
    return shape[axis < 0 ? shape.length + axis : axis];
  }

  private int at(int... index) {
    int flat = 0;
    for (int i = 0; i < index.length; i++) {
      flat = flat * shape[i] + index[i];
    }
    return flat;
  }

  public double get(int... index) {
    return values[at(index)];
  }

  private void add(double value, int... index) {
    values[at(index)] += value;
  }

  private static SlowTensor zeros(int... shape) {
    return new SlowTensor(new double[Arrays.stream(shape).reduce(1, Math::multiplyExact)], shape);
  }

  public SlowTensor reshape(int... newShape) {
    return new SlowTensor(values, newShape);
  }

  public SlowTensor map(DoubleUnaryOperator f) {
    return new SlowTensor(Arrays.stream(values).map(f).toArray(), shape);
  }

  /** (N, 3, H, W): each pixel's distance from its mean times a factor. */
  public SlowTensor fromGrey(double factor) {
    SlowTensor result = zeros(shape);
    for (int n = 0; n < shape[0]; n++) {
      for (int y = 0; y < shape[2]; y++) {
        for (int x = 0; x < shape[3]; x++) {
          double grey = (get(n, 0, y, x) + get(n, 1, y, x) + get(n, 2, y, x)) / 3;
          for (int c = 0; c < 3; c++) {
            result.add(grey + factor * (get(n, c, y, x) - grey), n, c, y, x);
          }
        }
      }
    }
    return result;
  }

  public SlowTensor silu() {
    return map(v -> v / (1 + Math.exp(-v)));
  }

  /** GELU with the error function, not its approximation by a tanh. */
  public SlowTensor gelu() {
    return map(v -> v * 0.5 * (1 + erf(v / Math.sqrt(2))));
  }

  private static double erf(double x) {
    double sum = 0;
    double term = x;
    for (int n = 0; n < 200; n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 3);
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  public SlowTensor plus(SlowTensor other) {
    SlowTensor out = new SlowTensor(values.clone(), shape);
    for (int i = 0; i < values.length; i++) {
      out.values[i] += other.values[i % other.values.length];
    }
    return out;
  }

  /** Multiplies along the last axis. */
  public SlowTensor timesLast(SlowTensor vector) {
    SlowTensor out = new SlowTensor(values.clone(), shape);
    for (int i = 0; i < values.length; i++) {
      out.values[i] *= vector.values[i % vector.values.length];
    }
    return out;
  }

  /** Channels {@code from} to {@code to} of the last axis. */
  public SlowTensor last(int from, int to) {
    int width = size(-1);
    int[] newShape = shape.clone();
    newShape[shape.length - 1] = to - from;
    SlowTensor out = zeros(newShape);
    for (int row = 0; row < values.length / width; row++) {
      System.arraycopy(values, row * width + from, out.values, row * (to - from), to - from);
    }
    return out;
  }

  /** (..., in) by a weight (out, in) and a bias (out), null = none. */
  public SlowTensor linear(SlowTensor weight, SlowTensor bias) {
    int in = weight.size(1);
    int out = weight.size(0);
    int[] newShape = shape.clone();
    newShape[shape.length - 1] = out;
    SlowTensor y = zeros(newShape);
    for (int row = 0; row < values.length / in; row++) {
      for (int o = 0; o < out; o++) {
        double sum = bias == null ? 0 : bias.get(o);
        for (int i = 0; i < in; i++) {
          sum += values[row * in + i] * weight.get(o, i);
        }
        y.values[row * out + o] = sum;
      }
    }
    return y;
  }

  /**
   * (N, in, H, W) by a kernel (out, in, k, k) and a bias (out), null = none, zeros around the
   * image.
   */
  public SlowTensor convolution(SlowTensor weight, SlowTensor bias, int stride, int padding) {
    int kernel = weight.size(2);
    int height = (size(2) + 2 * padding - kernel) / stride + 1;
    int width = (size(3) + 2 * padding - kernel) / stride + 1;
    SlowTensor out = zeros(size(0), weight.size(0), height, width);
    for (int n = 0; n < size(0); n++) {
      for (int o = 0; o < weight.size(0); o++) {
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            double sum = bias == null ? 0 : bias.get(o);
            for (int i = 0; i < size(1); i++) {
              for (int ky = 0; ky < kernel; ky++) {
                for (int kx = 0; kx < kernel; kx++) {
                  int sy = y * stride + ky - padding;
                  int sx = x * stride + kx - padding;
                  if (sy >= 0 && sy < size(2) && sx >= 0 && sx < size(3)) {
                    sum += get(n, i, sy, sx) * weight.get(o, i, ky, kx);
                  }
                }
              }
            }
            out.add(sum, n, o, y, x);
          }
        }
      }
    }
    return out;
  }

  /** (N, C, ...) with eps 1e-5. */
  public SlowTensor groupNorm(int groups, SlowTensor weight, SlowTensor bias) {
    return groupNorm(groups, weight, bias, 1e-5);
  }

  /** (N, C, ...). */
  public SlowTensor groupNorm(int groups, SlowTensor weight, SlowTensor bias, double eps) {
    int rows = size(0) * groups;
    SlowTensor out = new SlowTensor(normalised(rows, eps), shape);
    int positions = values.length / size(0) / size(1);
    for (int i = 0; i < values.length; i++) {
      int channel = i / positions % size(1);
      out.values[i] = out.values[i] * weight.get(channel) + bias.get(channel);
    }
    return out;
  }

  /** Over the last axis. */
  public SlowTensor layerNorm(SlowTensor weight, SlowTensor bias, double eps) {
    return new SlowTensor(normalised(values.length / size(-1), eps), shape)
        .timesLast(weight)
        .plus(bias);
  }

  private double[] normalised(int rows, double eps) {
    double[] out = values.clone();
    int length = values.length / rows;
    for (int row = 0; row < rows; row++) {
      double mean = 0;
      double variance = 0;
      for (int i = row * length; i < (row + 1) * length; i++) {
        mean += values[i] / length;
      }
      for (int i = row * length; i < (row + 1) * length; i++) {
        variance += (values[i] - mean) * (values[i] - mean) / length;
      }
      for (int i = row * length; i < (row + 1) * length; i++) {
        out[i] = (values[i] - mean) / Math.sqrt(variance + eps);
      }
    }
    return out;
  }

  /** Queries (N, L, C) over keys and values (N, S, C), C = heads · width. */
  public static SlowTensor attention(SlowTensor q, SlowTensor k, SlowTensor v, int heads) {
    int width = q.size(2) / heads;
    SlowTensor out = zeros(q.size(0), q.size(1), q.size(2));
    for (int n = 0; n < q.size(0); n++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < q.size(1); i++) {
          double[] share = new double[k.size(1)];
          double total = 0;
          for (int j = 0; j < share.length; j++) {
            for (int d = h * width; d < (h + 1) * width; d++) {
              share[j] += q.get(n, i, d) * k.get(n, j, d);
            }
            share[j] = Math.exp(share[j] / Math.sqrt(width));
            total += share[j];
          }
          for (int j = 0; j < share.length; j++) {
            for (int d = h * width; d < (h + 1) * width; d++) {
              out.add(share[j] / total * v.get(n, j, d), n, i, d);
            }
          }
        }
      }
    }
    return out;
  }

  /** Two tensors after each other along an axis. */
  public SlowTensor cat(SlowTensor other, int axis) {
    int[] newShape = shape.clone();
    newShape[axis] += other.shape[axis];
    int outer = Arrays.stream(shape, 0, axis).reduce(1, Math::multiplyExact);
    int mine = values.length / outer;
    int theirs = other.values.length / outer;
    SlowTensor out = zeros(newShape);
    for (int i = 0; i < outer; i++) {
      System.arraycopy(values, i * mine, out.values, i * (mine + theirs), mine);
      System.arraycopy(other.values, i * theirs, out.values, i * (mine + theirs) + mine, theirs);
    }
    return out;
  }

  /** (N, A, B) to (N, B, A). */
  public SlowTensor transpose() {
    SlowTensor out = zeros(shape[0], shape[2], shape[1]);
    for (int n = 0; n < shape[0]; n++) {
      for (int a = 0; a < shape[1]; a++) {
        for (int b = 0; b < shape[2]; b++) {
          out.add(get(n, a, b), n, b, a);
        }
      }
    }
    return out;
  }

  /** Each position four times: (N, C, H, W) to (N, C, 2H, 2W). */
  public SlowTensor doubled() {
    SlowTensor out = zeros(shape[0], shape[1], 2 * shape[2], 2 * shape[3]);
    for (int n = 0; n < shape[0]; n++) {
      for (int c = 0; c < shape[1]; c++) {
        for (int y = 0; y < 2 * shape[2]; y++) {
          for (int x = 0; x < 2 * shape[3]; x++) {
            out.add(get(n, c, y / 2, x / 2), n, c, y, x);
          }
        }
      }
    }
    return out;
  }

  /** Pixel unshuffle: (N, C, H, W) to (N, C·f², H/f, W/f). */
  public SlowTensor fold(int f) {
    SlowTensor out = zeros(shape[0], shape[1] * f * f, shape[2] / f, shape[3] / f);
    for (int n = 0; n < shape[0]; n++) {
      for (int c = 0; c < shape[1]; c++) {
        for (int y = 0; y < shape[2]; y++) {
          for (int x = 0; x < shape[3]; x++) {
            out.add(get(n, c, y, x), n, (c * f + y % f) * f + x % f, y / f, x / f);
          }
        }
      }
    }
    return out;
  }

  /** The inverse of {@link #fold}. */
  public SlowTensor unfold(int f) {
    SlowTensor out = zeros(shape[0], shape[1] / f / f, shape[2] * f, shape[3] * f);
    for (int n = 0; n < shape[0]; n++) {
      for (int c = 0; c < out.shape[1]; c++) {
        for (int y = 0; y < out.shape[2]; y++) {
          for (int x = 0; x < out.shape[3]; x++) {
            out.add(get(n, (c * f + y % f) * f + x % f, y / f, x / f), n, c, y, x);
          }
        }
      }
    }
    return out;
  }
}
