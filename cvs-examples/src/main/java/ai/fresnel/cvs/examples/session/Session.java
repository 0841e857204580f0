package ai.fresnel.cvs.examples.session;

import java.time.Instant;
import java.util.Optional;

/** A photograph under its name, and the Gaussians made of it. Thread-safe. */
public final class Session implements AutoCloseable {

  private final String id;
  private StoredPhotograph photograph;
  private SplatJob splat;
  private Instant used = Instant.now();

  Session(String id, StoredPhotograph photograph) {
    this.id = id;
    this.photograph = photograph;
  }

  /**
   * Returns the name.
   *
   * @return letters and digits that cannot be guessed
   */
  public String id() {
    return id;
  }

  /**
   * Returns the photograph.
   *
   * @return as it is now
   */
  public synchronized StoredPhotograph photograph() {
    return photograph;
  }

  /**
   * Replaces the photograph by one with another mask or camera. Its Gaussians are dropped.
   *
   * @param next the new one
   */
  public synchronized void replace(StoredPhotograph next) {
    photograph = next;
    cancelSplat();
  }

  /**
   * Returns the Gaussians.
   *
   * @return empty if none were asked for
   */
  public synchronized Optional<SplatJob> splat() {
    return Optional.ofNullable(splat);
  }

  /** Replaces the Gaussians. */
  synchronized void setSplat(SplatJob job) {
    cancelSplat();
    splat = job;
  }

  private synchronized void cancelSplat() {
    if (splat != null) {
      splat.cancel();
      splat = null;
    }
  }

  synchronized void touch(Instant now) {
    used = now;
  }

  synchronized Instant used() {
    return used;
  }

  @Override
  public void close() {
    cancelSplat();
  }
}
