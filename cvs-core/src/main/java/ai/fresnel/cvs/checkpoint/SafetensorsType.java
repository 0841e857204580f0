package ai.fresnel.cvs.checkpoint;

import ai.djl.ndarray.types.DataType;

/** The supported element types of the safetensors format, and the types they are read as. */
enum SafetensorsType {
  F64(DataType.FLOAT64, DataType.FLOAT64),
  F32(DataType.FLOAT32, DataType.FLOAT32),
  F16(DataType.FLOAT16, DataType.FLOAT16),
  // Making or converting a bfloat16 array through DJL ends the process, so it is read as float32.
  BF16(DataType.BFLOAT16, DataType.FLOAT32),
  I64(DataType.INT64, DataType.INT64),
  I32(DataType.INT32, DataType.INT32),
  // The engine's JNI has no 16-bit integers.
  I16(DataType.INT16, DataType.INT32),
  I8(DataType.INT8, DataType.INT8),
  U8(DataType.UINT8, DataType.UINT8),
  BOOL(DataType.BOOLEAN, DataType.BOOLEAN);

  /** Returns the stored type. */
  final DataType stored;

  /** Returns the type of the array that is read. */
  final DataType read;

  SafetensorsType(DataType stored, DataType read) {
    this.stored = stored;
    this.read = read;
  }

  int bytes() {
    return stored.getNumOfBytes();
  }

  /** Returns the type of that name, or null. */
  static SafetensorsType named(String name) {
    for (SafetensorsType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /**
   * Returns the type that stores arrays of {@code type}, or null. Types that are widened when read
   * are not written: the engine ends the process when asked for such an array, so no test could
   * cover it.
   */
  static SafetensorsType storing(DataType type) {
    for (SafetensorsType candidate : values()) {
      if (candidate.stored == type && candidate.read == type) {
        return candidate;
      }
    }
    return null;
  }
}
