package ai.fresnel.cvs.checkpoint;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses the part of Python's pickle (protocol 2, as {@code pickletools} describes it) that {@code
 * torch.save} needs for a state dictionary. It refuses other instructions and every global that
 * {@link TorchObjects} does not allow. It never runs code.
 *
 * <p>Python's objects become: None null, numbers Long, BigInteger or Double, tuples {@code
 * Object[]}, lists List, dictionaries Map with keys of String, Long or {@link Placeholder}, in
 * their order.
 */
final class Pickle {

  static final int PROTO = 0x80;
  private static final int NEWOBJ = 0x81;
  private static final int TUPLE1 = 0x85;
  private static final int TUPLE2 = 0x86;
  private static final int TUPLE3 = 0x87;
  private static final int NEWTRUE = 0x88;
  private static final int NEWFALSE = 0x89;
  private static final int LONG1 = 0x8a;

  private final ByteBuffer in;
  private final TorchObjects objects;
  private final List<Object> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private Pickle(ByteBuffer in, TorchObjects objects) {
    this.in = in;
    this.objects = objects;
  }

  /**
   * Reads one object and leaves the buffer behind it.
   *
   * @throws java.nio.BufferUnderflowException if the pickle does not end within the buffer
   * @throws ModelFormatException if it holds a refused instruction or global
   */
  static Object load(ByteBuffer in, TorchObjects objects) throws ModelFormatException {
    in.order(ByteOrder.LITTLE_ENDIAN);
    Pickle pickle = new Pickle(in, objects);
    while (true) {
      objects.spend(1);
      int instruction = in.get() & 0xff;
      if (instruction == '.') {
        return pickle.pop();
      }
      pickle.step(instruction);
    }
  }

  private void step(int instruction) throws ModelFormatException {
    switch (instruction) {
      case PROTO -> {
        int version = unsignedByte();
        require(version == 2, "a pickle of protocol " + version + ", expected 2");
      }
      case '(' -> marks.push(stack.size());
      case 'N' -> stack.add(null);
      case NEWTRUE -> stack.add(true);
      case NEWFALSE -> stack.add(false);
      case 'K' -> stack.add((long) unsignedByte());
      case 'M' -> stack.add((long) (in.getShort() & 0xffff));
      case 'J' -> stack.add((long) in.getInt());
      case LONG1 -> stack.add(integer(bytes(unsignedByte())));
      case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case 'U' -> stack.add(new String(bytes(unsignedByte()), StandardCharsets.ISO_8859_1));
      case 'T' -> stack.add(new String(bytes(in.getInt()), StandardCharsets.ISO_8859_1));
      case 'X' -> stack.add(new String(bytes(in.getInt()), StandardCharsets.UTF_8));
      case ')' -> stack.add(new Object[0]);
      case TUPLE1 -> stack.add(tuple(1));
      case TUPLE2 -> stack.add(tuple(2));
      case TUPLE3 -> stack.add(tuple(3));
      case 't' -> stack.add(sinceMark());
      case ']' -> stack.add(new ArrayList<>());
      case 'a' -> append(tuple(1));
      case 'e' -> append(sinceMark());
      case '}' -> stack.add(new LinkedHashMap<>());
      case 's' -> put(tuple(2));
      case 'u' -> put(sinceMark());
      case 'c' -> stack.add(objects.global(line() + "." + line()));
      case 'q' -> memo.put(unsignedByte(), top());
      case 'r' -> memo.put(in.getInt(), top());
      case 'h' -> stack.add(recall(unsignedByte()));
      case 'j' -> stack.add(recall(in.getInt()));
      case 'Q' -> stack.add(objects.persistent(pop()));
      case 'R', NEWOBJ -> {
        Object arguments = pop();
        stack.add(objects.call(pop(), arguments));
      }
      case 'b' -> {
        Object state = pop();
        objects.build(top(), state);
      }
      default ->
          throw objects.damaged(
              "a pickle with instruction 0x%02x, which no state dictionary needs"
                  .formatted(instruction));
    }
  }

  private int unsignedByte() {
    return in.get() & 0xff;
  }

  private byte[] bytes(int length) throws ModelFormatException {
    // Check the length before anything is allocated.
    require(
        length >= 0 && length <= in.remaining(),
        "a string of " + Integer.toUnsignedString(length) + " bytes runs beyond the pickle's end");
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /** Reads a little-endian two's complement integer of any length. */
  private static Object integer(byte[] bytes) {
    byte[] reversed = new byte[bytes.length + 1];
    for (int i = 0; i < bytes.length; i++) {
      reversed[bytes.length - i] = bytes[i];
    }
    reversed[0] = (byte) (bytes.length > 0 && bytes[bytes.length - 1] < 0 ? -1 : 0);
    BigInteger value = new BigInteger(reversed);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int c = unsignedByte(); c != '\n'; c = unsignedByte()) {
      line.append((char) c);
    }
    return line.toString();
  }

  private Object recall(int place) throws ModelFormatException {
    require(memo.containsKey(place), "a pickle recalls object " + place + ", which it never kept");
    return memo.get(place);
  }

  private int base() {
    return marks.isEmpty() ? 0 : marks.peek();
  }

  private Object top() throws ModelFormatException {
    require(stack.size() > base(), "a pickle takes from an empty stack");
    return stack.get(stack.size() - 1);
  }

  private Object pop() throws ModelFormatException {
    Object top = top();
    stack.remove(stack.size() - 1);
    return top;
  }

  private Object[] tuple(int size) throws ModelFormatException {
    require(stack.size() - size >= base(), "a pickle takes from an empty stack");
    return cut(stack.size() - size);
  }

  private Object[] sinceMark() throws ModelFormatException {
    require(!marks.isEmpty(), "a pickle returns to a mark it never set");
    return cut(marks.pop());
  }

  private Object[] cut(int from) {
    List<Object> items = stack.subList(from, stack.size());
    Object[] tuple = items.toArray();
    items.clear();
    return tuple;
  }

  @SuppressWarnings("unchecked") // Lists on the stack are made in this class.
  private void append(Object[] items) throws ModelFormatException {
    Object list = top();
    if (list instanceof Placeholder) {
      return;
    }
    require(list instanceof List, "a pickle appends to what is no list");
    Collections.addAll((List<Object>) list, items);
  }

  private void put(Object[] items) throws ModelFormatException {
    Object map = top();
    if (map instanceof Placeholder) {
      return;
    }
    require(map instanceof Map && items.length % 2 == 0, "a pickle sets items of no dictionary");
    for (int i = 0; i < items.length; i += 2) {
      objects.put(map, Arrays.copyOfRange(items, i, i + 2));
    }
  }

  private void require(boolean condition, String otherwise) throws ModelFormatException {
    if (!condition) {
      throw objects.damaged(otherwise);
    }
  }
}
