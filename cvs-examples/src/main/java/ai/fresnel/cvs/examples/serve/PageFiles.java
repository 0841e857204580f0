package ai.fresnel.cvs.examples.serve;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The files of the page, all read from the class path when the server starts. A request names one
 * of them or nothing: no part of its path ever reaches a file system.
 */
final class PageFiles {

  private static final String PAGE = "index.html";

  /** The page's own files, resources of this package. */
  private static final String[] OWN = {
    PAGE,
    "page.css",
    "controls.css",
    "main.js",
    "api.js",
    "views.js",
    "orbit.js",
    "photograph.js",
    "brush.js",
    "downloads.js",
    "splat.js",
    "icon.svg",
    "examples/chair.png",
    "spark/spark.module.min.js",
    "spark/LICENSE",
  };

  /** Files of three.js, below its folder in the jar. */
  private static final String[] THREE = {
    "build/three.module.min.js",
    "build/three.core.min.js",
    "examples/jsm/postprocessing/Pass.js",
    "examples/jsm/controls/OrbitControls.js",
    "LICENSE",
  };

  private static final String THREE_JAR = "META-INF/resources/webjars/three/";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png");

  private static final class PageFile {
    final String type;
    final byte[] content;
    final String tag;

    PageFile(String type, byte[] content) {
      this.type = type;
      this.content = content;
      tag = '"' + HexFormat.of().formatHex(sha256(content), 0, 8) + '"';
    }
  }

  private final Map<String, PageFile> files = new LinkedHashMap<>();

  private PageFiles() {}

  /** Reads all files. */
  static PageFiles load() throws IOException {
    PageFiles page = new PageFiles();
    for (String name : OWN) {
      page.add("/" + name, PageFiles.class.getResourceAsStream("page/" + name));
    }
    ClassLoader loader = PageFiles.class.getClassLoader();
    for (String name : THREE) {
      String resource = THREE_JAR + threeVersion() + "/" + name;
      page.add("/three/" + name, loader.getResourceAsStream(resource));
    }
    page.files.put("/", page.files.get("/" + PAGE));
    return page;
  }

  /** Returns the version of three.js on the class path, as Maven wrote it into the jar. */
  private static String threeVersion() throws IOException {
    String resource = "META-INF/maven/org.webjars.npm/three/pom.properties";
    try (InputStream in = PageFiles.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("three.js is not on the class path");
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    }
  }

  private void add(String path, InputStream resource) throws IOException {
    if (resource == null) {
      throw new IOException("the page's file " + path + " is not on the class path");
    }
    try (resource) {
      byte[] content = resource.readAllBytes();
      String ending = path.substring(path.lastIndexOf('.') + 1);
      String type = TYPES.getOrDefault(ending, "text/plain; charset=utf-8");
      files.put(path, new PageFile(type, content));
    }
  }

  private static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Returns the hash of the page's import map, by which its policy allows it. */
  String importMapHash() {
    String html = new String(files.get("/" + PAGE).content, StandardCharsets.UTF_8);
    String opening = "<script type=\"importmap\">";
    int from = html.indexOf(opening) + opening.length();
    int to = html.indexOf("</script>", from);
    byte[] script = html.substring(from, to).getBytes(StandardCharsets.UTF_8);
    return "sha256-" + Base64.getEncoder().encodeToString(sha256(script));
  }

  /** Returns the paths. */
  Iterable<String> paths() {
    return files.keySet();
  }

  /** Answers with a file, or says that the browser has it already. */
  void answer(Context ctx, String path) {
    PageFile file = Optional.ofNullable(files.get(path)).orElseThrow();
    ctx.header("Cache-Control", "no-cache").header("ETag", file.tag);
    if (file.tag.equals(ctx.header("If-None-Match"))) {
      ctx.status(304);
      return;
    }
    ctx.contentType(file.type).result(file.content);
  }
}
