package ai.fresnel.cvs.checkpoint;

import java.nio.ByteBuffer;

/** The element type of a storage, by the name of torch's class: {@code torch.FloatStorage}. */
enum StorageType {
  FLOAT("Float", 4),
  DOUBLE("Double", 8),
  HALF("Half", 2),
  BFLOAT16("BFloat16", 2),
  LONG("Long", 8),
  INT("Int", 4),
  SHORT("Short", 2),
  CHAR("Char", 1),
  BYTE("Byte", 1),
  BOOL("Bool", 1);

  final String prefix;
  final int bytes;

  StorageType(String prefix, int bytes) {
    this.prefix = prefix;
    this.bytes = bytes;
  }

  /** Returns one element of a little-endian buffer, rounded to float32. */
  float get(ByteBuffer from, int index) {
    int at = index * bytes;
    return switch (this) {
      case FLOAT -> from.getFloat(at);
      case DOUBLE -> (float) from.getDouble(at);
      case HALF -> half(from.getShort(at));
      case BFLOAT16 -> Float.intBitsToFloat(from.getShort(at) << 16);
      case LONG -> from.getLong(at);
      case INT -> from.getInt(at);
      case SHORT -> from.getShort(at);
      case CHAR, BOOL -> from.get(at);
      case BYTE -> from.get(at) & 0xff;
    };
  }

  /** IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction. */
  private static float half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    float size =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24f;
          case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> (0x400 + fraction) * Math.scalb(1f, exponent - 25);
        };
    return bits < 0 ? -size : size;
  }
}
