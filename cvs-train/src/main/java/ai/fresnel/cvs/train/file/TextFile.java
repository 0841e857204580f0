package ai.fresnel.cvs.train.file;

import ai.fresnel.cvs.json.Json;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads UTF-8 text of bounded length, with or without a byte order mark. */
public final class TextFile {

  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private TextFile() {}

  /**
   * Reads a whole file.
   *
   * @param file the file
   * @param maxBytes the largest length
   * @return its text without a byte order mark
   * @throws IOException naming the file if it is missing, longer or not UTF-8
   */
  public static String read(Path file, long maxBytes) throws IOException {
    requireLength(file, maxBytes);
    try {
      return decode(Files.readAllBytes(file));
    } catch (IOException e) {
      throw problem(file, e);
    }
  }

  /**
   * Decodes the bytes of a file.
   *
   * @param bytes UTF-8
   * @return the text without a byte order mark
   * @throws CharacterCodingException if they are not UTF-8
   */
  public static String decode(byte[] bytes) throws CharacterCodingException {
    int start = hasMark(bytes) ? MARK.length : 0;
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(bytes, start, bytes.length - start))
        .toString();
  }

  /**
   * Opens a file for reading line by line. Bytes that are not UTF-8 become U+FFFD, so that one bad
   * name does not spoil the others.
   *
   * @param file the file
   * @param maxBytes the largest length
   * @return a reader of its text without a byte order mark
   * @throws IOException naming the file if it is missing or longer
   */
  public static BufferedReader open(Path file, long maxBytes) throws IOException {
    requireLength(file, maxBytes);
    return reader(file, new BufferedInputStream(Files.newInputStream(file)));
  }

  /**
   * Opens a gzip file. Its length unpacked is not bounded: count what is read.
   *
   * @param file the file
   * @return a reader of its text without a byte order mark
   * @throws IOException naming the file if it is missing or not gzip
   */
  public static BufferedReader openGzip(Path file) throws IOException {
    requireLength(file, Long.MAX_VALUE);
    InputStream packed = new BufferedInputStream(Files.newInputStream(file));
    try {
      return reader(file, new GZIPInputStream(packed, 1 << 16));
    } catch (IOException e) {
      packed.close();
      throw problem(file, e);
    }
  }

  /**
   * Makes an error that names its file from one that may not.
   *
   * @param file the file
   * @param e the error of a reader
   * @return the error to throw, {@code FILE: …} in one line
   */
  public static IOException problem(Path file, Exception e) {
    // Parsers quote what they read, with advice to programmers.
    String first = Json.firstLine(e);
    String found = first.isEmpty() ? "unreadable" : first;
    if (!(e instanceof FileSystemException) && found.startsWith(file.toString())) {
      return new IOException(found, e);
    }
    return new IOException(file + ": " + what(e, found), e);
  }

  /** Says what messages of the class library, such as "Input length = 1", mean. */
  private static String what(Exception e, String found) {
    if (e instanceof FileSystemException system) {
      String reason = system.getReason() == null ? "cannot be read" : system.getReason();
      return e instanceof NoSuchFileException
          ? "is missing"
          : e instanceof AccessDeniedException ? "may not be read" : reason;
    } else if (e instanceof EOFException) {
      return "is cut off";
    } else if (e instanceof CharacterCodingException) {
      return "is not UTF-8 text";
    }
    return e instanceof ZipException ? "is no intact gzip file (" + found + ")" : found;
  }

  private static void requireLength(Path file, long maxBytes) throws IOException {
    // A pipe has no length and may never end.
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + ": " + (Files.exists(file) ? "is no file" : "is missing"));
    }
    long size = Files.size(file);
    if (size > maxBytes) {
      throw new IOException(file + ": " + size + " bytes, expected at most " + maxBytes);
    }
  }

  private static BufferedReader reader(Path file, InputStream in) throws IOException {
    PushbackInputStream bytes = new PushbackInputStream(in, MARK.length);
    try {
      byte[] start = bytes.readNBytes(MARK.length);
      if (!hasMark(start)) {
        bytes.unread(start);
      }
    } catch (IOException e) {
      in.close();
      throw problem(file, e);
    }
    return new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
  }

  private static boolean hasMark(byte[] bytes) {
    return bytes.length >= MARK.length
        && bytes[0] == MARK[0]
        && bytes[1] == MARK[1]
        && bytes[2] == MARK[2];
  }
}
