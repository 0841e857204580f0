package ai.fresnel.cvs.splat.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Writes numbers in little-endian order through a buffer. Call {@link #flush} at the end. */
final class LittleEndianOutput {
  private final WritableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  LittleEndianOutput(WritableByteChannel channel) {
    this.channel = channel;
  }

  void int8(int value) throws IOException {
    room(1).put((byte) value);
  }

  void int32(int value) throws IOException {
    room(4).putInt(value);
  }

  void float32(float value) throws IOException {
    room(4).putFloat(value);
  }

  void floats(float[] values, int start, int count) throws IOException {
    for (int i = start; i < start + count; i++) {
      float32(values[i]);
    }
  }

  void bytes(byte[] values) throws IOException {
    for (byte value : values) {
      int8(value);
    }
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
