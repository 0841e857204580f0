package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** Asks a server, as another program would. */
final class Client {

  private final HttpClient http = HttpClient.newHttpClient();
  private final String address;

  Client(ViewServer server) {
    address = server.address();
  }

  /** An answer. */
  record Answer(HttpResponse<byte[]> response) {

    int status() {
      return response.statusCode();
    }

    byte[] body() {
      return response.body();
    }

    JsonValue json() {
      return Json.parse(text(), "answer");
    }

    String text() {
      return new String(body(), StandardCharsets.UTF_8);
    }

    String error() {
      return json().get("error").string();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  HttpClient http() {
    return http;
  }

  String address() {
    return address;
  }

  Answer send(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return new Answer(http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
  }

  Answer get(String path) throws IOException, InterruptedException {
    return send("GET", path, new byte[0]);
  }

  Answer post(String path, String json) throws IOException, InterruptedException {
    return send("POST", path, json.getBytes(StandardCharsets.UTF_8));
  }

  Answer post(String path, byte[] body) throws IOException, InterruptedException {
    return send("POST", path, body);
  }

  /** Sends the bundled photograph and returns its path. */
  String chair() throws IOException, InterruptedException {
    return "/api/photographs/" + post("/api/photographs", demo()).json().get("id").string();
  }

  static byte[] demo() throws IOException {
    try (InputStream in = Client.class.getResourceAsStream("page/examples/chair.png")) {
      return in.readAllBytes();
    }
  }
}
