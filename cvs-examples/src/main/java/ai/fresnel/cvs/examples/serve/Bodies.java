package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.RecordJson;
import com.google.gson.JsonElement;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Reads bodies of requests, of bounded length, and writes those of answers. */
final class Bodies {

  /** The most bytes of a JSON body. */
  static final int MAX_JSON = 1 << 14;

  private static final int PART = 1 << 14;
  private static final long PATIENCE_NANOSECONDS = TimeUnit.MINUTES.toNanos(1);
  private static final RecordJson RECORDS = RecordJson.builder().build();

  private Bodies() {}

  /**
   * Reads a body.
   *
   * @param ctx the request
   * @param most the most bytes
   * @throws ApiException 413 if it is longer, 400 if it is empty
   */
  static byte[] bytes(Context ctx, int most) throws IOException {
    String length = ctx.header("Content-Length");
    // A length that lies is found out below.
    if ((length != null && length.length() > 9) || ctx.contentLength() > most) {
      throw tooLong(most);
    }
    // A sender that drips may keep a connection, but no place among those that are received.
    long end = System.nanoTime() + PATIENCE_NANOSECONDS;
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[PART];
    InputStream in = ctx.bodyInputStream();
    for (int read = in.read(part); read >= 0; read = in.read(part)) {
      body.write(part, 0, read);
      if (body.size() > most) {
        throw tooLong(most);
      }
      if (System.nanoTime() > end) {
        throw new ApiException(408, "the body comes too slowly, expected it within a minute");
      }
    }
    return body.toByteArray();
  }

  private static ApiException tooLong(int most) {
    return new ApiException(413, "the body is too long, expected at most " + most + " bytes");
  }

  /**
   * Reads a JSON body; what it leaves out is taken from another record.
   *
   * @param ctx the request; an empty body leaves out all
   * @param usual the values that are left out
   */
  static <R extends Record> R json(Context ctx, R usual) throws IOException {
    byte[] body = bytes(ctx, MAX_JSON);
    return body.length == 0 ? usual : json(text(body), usual);
  }

  /** Reads a record from a text. */
  static <R extends Record> R json(String text, R usual) {
    return RECORDS.readOver(usual, Json.parse(text, "body"));
  }

  private static String text(byte[] utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new JsonException("body: no UTF-8 text", e);
    }
  }

  static void write(Context ctx, int status, JsonElement json) {
    ctx.status(status).contentType("application/json").result(Json.compact(json) + "\n");
  }

  static void png(Context ctx, byte[] png) {
    ctx.contentType("image/png").result(png);
  }

  /** Offers a file to keep. */
  static void file(Context ctx, String type, String name, byte[] content) {
    ctx.contentType(type)
        .header("Content-Disposition", "attachment; filename=\"" + name + "\"")
        .result(content);
  }

  static void refuse(Context ctx, Refusal refusal) {
    refusal.retryAfter().ifPresent(s -> ctx.header("Retry-After", Integer.toString(s)));
    ctx.removeHeader("Content-Disposition");
    write(ctx, refusal.status(), refusal.json());
  }
}
