package ai.fresnel.cvs.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the memory of a CPU array as byte buffers. A buffer's index has 32 bits, so an array of
 * more than 2 GiB is visited in pieces.
 */
final class ArrayMemory {
  /** Elements per piece. An element has at most 8 bytes, so a piece stays within 1 GiB. */
  private static final long PIECE = 1L << 27;

  private ArrayMemory() {}

  /** Visits each piece of an array's memory. */
  interface Visitor {
    /**
     * Visits a piece.
     *
     * @param memory the piece's bytes, little-endian, from position 0 to the limit
     * @param firstElement index of its first element in the array
     */
    void visit(ByteBuffer memory, long firstElement) throws IOException;
  }

  /** Visits {@code array}, which must be contiguous, in order. */
  static void visit(NDArray array, Visitor visitor) throws IOException {
    visit(array, PIECE, visitor);
  }

  static void visit(NDArray array, long pieceElements, Visitor visitor) throws IOException {
    long size = array.getShape().size();
    if (size == 0) {
      return;
    }
    try (NDManager scope = array.getManager().newSubManager()) {
      NDArray flat = array.reshape(-1);
      flat.attach(scope);
      for (long first = 0; first < size; first += pieceElements) {
        long last = Math.min(size, first + pieceElements);
        NDArray piece = size <= pieceElements ? flat : flat.get(new NDIndex("{}:{}", first, last));
        piece.attach(scope);
        visitor.visit(piece.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN), first);
      }
    }
  }
}
