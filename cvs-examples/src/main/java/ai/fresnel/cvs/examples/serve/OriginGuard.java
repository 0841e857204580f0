package ai.fresnel.cvs.examples.serve;

import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;

/**
 * Lets in what the server's own page asks, and programs, but not the pages of others: a browser
 * would send their requests to this machine too. On loopback the name that is asked for must be
 * this machine's, or a page could give its own name this address.
 */
final class OriginGuard {

  private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

  /** The page may ask nobody but this server, run no script but ours, and be in nobody's frame. */
  private static final String POLICY =
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' '%s'; style-src 'self';"
          + " img-src 'self' blob: data:; connect-src 'self' data:; worker-src 'self' blob:;"
          + " object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final boolean loopback;
  private final String policy;

  /**
   * @param host where the server listens
   * @param scriptHash the hash of the page's only inline script, its import map
   */
  OriginGuard(String host, String scriptHash) {
    loopback = isLoopback(host);
    policy = POLICY.formatted(scriptHash);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // listening will fail and say so
    }
  }

  /** Adds the headers that bind a browser. */
  void protect(Context ctx) {
    ctx.header("Content-Security-Policy", policy)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        .header("Cache-Control", "no-store");
  }

  /**
   * Refuses requests of other pages.
   *
   * @throws ApiException 403
   */
  void check(Context ctx) {
    String host = ctx.header("Host");
    if (host == null || (loopback && !OWN_NAMES.contains(name(host)))) {
      throw new ApiException(403, "the request is for another host, expected this machine");
    }
    String origin = ctx.header("Origin");
    String site = ctx.header("Sec-Fetch-Site");
    boolean reads = ctx.req().getMethod().equals("GET") || ctx.req().getMethod().equals("HEAD");
    boolean upgrades = ctx.header("Upgrade") != null;
    boolean changes = !reads || upgrades;
    boolean foreign = origin != null && !isOwn(origin, host);
    if (foreign || (changes && "cross-site".equals(site))) {
      throw new ApiException(403, "the request comes from another page, expected this server's");
    }
  }

  private static boolean isOwn(String origin, String host) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority != null && authority.equalsIgnoreCase(host);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Returns a host's name without its port. */
  private static String name(String host) {
    return host.replaceFirst(":[0-9]{1,5}$", "").toLowerCase(Locale.ROOT);
  }
}
