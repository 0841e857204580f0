package ai.fresnel.cvs.checkpoint;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Locates a tensor's values: elements of a storage from an offset on, with one stride per axis. */
final class StoredTensor {

  private static final int MAX_RANK = 16;

  private Storage storage;
  private long offset;
  private long[] sides;
  private long[] strides;

  /** A tensor without values yet. */
  StoredTensor() {}

  /** Makes a tensor from torch's (storage, offset, size, stride), the first four of the values. */
  void set(TorchObjects objects, Object[] values) throws ModelFormatException {
    long[] newSides = longs(values[2]);
    long[] newStrides = longs(values[3]);
    if (!(values[0] instanceof Storage of)
        || !(values[1] instanceof Long start)
        || start < 0
        || newSides == null
        || newStrides == null
        || newSides.length != newStrides.length) {
      throw objects.damaged("a tensor without a storage, an offset, a shape and its strides");
    }
    storage = of;
    offset = start;
    sides = newSides;
    strides = newStrides;
    if (!isInside()) {
      throw objects.damaged(
          "a tensor of shape %s, strides %s and offset %d reaches beyond its %d elements"
              .formatted(Arrays.toString(sides), Arrays.toString(strides), offset, of.count()));
    }
  }

  private static long[] longs(Object tuple) {
    if (!(tuple instanceof Object[] values) || values.length > MAX_RANK) {
      return null;
    }
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      if (!(values[i] instanceof Long value) || value < 0) {
        return null;
      }
      longs[i] = value;
    }
    return longs;
  }

  private boolean isInside() {
    try {
      // A stride of 0 could blow up a small storage: refuse more values than the storage has.
      return count() <= storage.count()
          && (count() == 0 || Math.addExact(offset, span()) <= storage.count());
    } catch (ArithmeticException e) {
      return false;
    }
  }

  Storage storage() {
    return storage;
  }

  Shape shape() {
    return new Shape(sides);
  }

  /** Returns the index of the first element in the whole storage. */
  long first() {
    return storage.start() + offset;
  }

  private long count() {
    long count = 1;
    boolean empty = false;
    for (long side : sides) {
      empty |= side == 0;
      // Skip zeros, which hide sizes whose product libtorch cannot represent.
      count = Math.multiplyExact(count, Math.max(side, 1));
    }
    return empty ? 0 : count;
  }

  /** Returns the number of stored elements from the tensor's first to its last, both included. */
  long span() {
    if (count() == 0) {
      return 0;
    }
    long last = 0;
    for (int i = 0; i < sides.length; i++) {
      last = Math.addExact(last, Math.multiplyExact(sides[i] - 1, strides[i]));
    }
    return Math.addExact(last, 1);
  }

  /** Returns the values in row-major order. */
  float[] values(ByteBuffer bytes) {
    float[] values = new float[Math.toIntExact(count())];
    long[] place = new long[sides.length];
    long at = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = storage.type().get(bytes, (int) at);
      for (int axis = sides.length - 1; axis >= 0; axis--) {
        at += strides[axis];
        if (++place[axis] < sides[axis]) {
          break;
        }
        at -= place[axis] * strides[axis];
        place[axis] = 0;
      }
    }
    return values;
  }
}
