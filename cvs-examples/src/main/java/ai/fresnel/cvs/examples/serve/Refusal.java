package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.examples.queue.BusyException;
import ai.fresnel.cvs.examples.queue.StoppingException;
import ai.fresnel.cvs.examples.terminal.Terminal;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.train.image.UnreadableImageException;
import com.google.gson.JsonObject;
import io.javalin.http.HttpResponseException;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an exception means to the one who asked.
 *
 * @param status of HTTP, 400 or above
 * @param sentence what is wrong, on one line
 * @param retryAfter seconds after which asking again makes sense
 */
record Refusal(int status, String sentence, OptionalInt retryAfter) {

  private static final Logger LOG = LoggerFactory.getLogger(ViewServer.class);

  static Refusal of(Throwable thrown) {
    Throwable error = thrown;
    while ((error instanceof CompletionException || error instanceof ExecutionException)
        && error.getCause() != null) {
      error = error.getCause();
    }
    if (error instanceof ApiException refused) {
      return of(refused.status(), refused.getMessage());
    } else if (error instanceof BusyException) {
      return new Refusal(429, error.getMessage() + ", try again in a second", OptionalInt.of(1));
    } else if (error instanceof StoppingException) {
      return new Refusal(503, error.getMessage(), OptionalInt.of(5));
    } else if (error instanceof TimeoutException) {
      return new Refusal(503, "the time for this request is over", OptionalInt.of(5));
    } else if (error instanceof JsonException
        || error instanceof UnreadableImageException
        || error instanceof IllegalArgumentException) {
      return of(400, error.getMessage());
    } else if (error instanceof HttpResponseException http) {
      boolean unknown = http.getStatus() == 404;
      return of(http.getStatus(), unknown ? "there is nothing of this name" : http.getMessage());
    } else if (error instanceof HttpException jetty) {
      return of(jetty.getCode(), jetty.getReason());
    } else if (error instanceof EofException) {
      return of(400, "the body ended too soon");
    }
    LOG.error("a request failed", error);
    return of(500, "the server failed at this request");
  }

  private static Refusal of(int status, String message) {
    String line = Terminal.printable(message.strip().replaceAll("\\s*\\R\\s*", " "));
    return new Refusal(status, line, OptionalInt.empty());
  }

  /** Returns the body of an answer. */
  JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("error", sentence);
    return json;
  }
}
