package ai.fresnel.cvs.examples.session;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Photographs by name, in memory, bounded in number, bytes and age. What was used longest ago goes
 * first. Thread-safe.
 */
public final class PhotographStore implements AutoCloseable {

  /** Bytes of a name: nobody finds another's photograph by trying. */
  private static final int ID_BYTES = 16;

  private final int most;
  private final long mostBytes;
  private final Duration age;
  private final SecureRandom random = new SecureRandom();

  /** The one used longest ago first. */
  private final Map<String, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Makes an empty store.
   *
   * @param most the most photographs, at least 1
   * @param mostBytes about the most bytes of their pixels; the newest one is kept in any case
   * @param age how long a photograph is kept that nobody asks for
   */
  public PhotographStore(int most, long mostBytes, Duration age) {
    this.most = most;
    this.mostBytes = mostBytes;
    this.age = age;
  }

  /**
   * Adds a photograph; others may have to go.
   *
   * @param photograph the photograph
   * @return it under its new name
   */
  public Session add(StoredPhotograph photograph) {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    Session session = new Session(HexFormat.of().formatHex(bytes), photograph);
    List<Session> gone = new ArrayList<>();
    synchronized (this) {
      sessions.put(session.id(), session);
      collect(gone, Instant.now());
    }
    // Outside of the lock: closing waits for views that are being drawn.
    gone.forEach(Session::close);
    return session;
  }

  /** Forgets what is too old, and of the rest what is too much. */
  private synchronized void collect(List<Session> gone, Instant now) {
    long bytes = sessions.values().stream().mapToLong(s -> s.photograph().bytes()).sum();
    Iterator<Session> oldest = sessions.values().iterator();
    while (oldest.hasNext()) {
      Session session = oldest.next();
      boolean old = session.used().plus(age).isBefore(now);
      boolean full = sessions.size() > most || (bytes > mostBytes && sessions.size() > 1);
      if (!old && !full) {
        return; // those that follow are younger
      }
      bytes -= session.photograph().bytes();
      oldest.remove();
      gone.add(session);
    }
  }

  /**
   * Finds a photograph, which counts as using it.
   *
   * @param id its name
   * @return empty if there is none of that name, or not any more
   */
  public synchronized Optional<Session> find(String id) {
    Session session = sessions.get(id);
    if (session != null) {
      session.touch(Instant.now());
    }
    return Optional.ofNullable(session);
  }

  /**
   * Forgets a photograph.
   *
   * @param id its name
   * @return whether it was there
   */
  public boolean remove(String id) {
    Session session;
    synchronized (this) {
      session = sessions.remove(id);
    }
    if (session != null) {
      session.close();
    }
    return session != null;
  }

  /** Forgets photographs that nobody has asked for too long. */
  public void sweep() {
    List<Session> gone = new ArrayList<>();
    collect(gone, Instant.now());
    gone.forEach(Session::close);
  }

  /**
   * Counts the photographs.
   *
   * @return how many there are now
   */
  public synchronized int size() {
    return sessions.size();
  }

  @Override
  public void close() {
    List<Session> gone;
    synchronized (this) {
      gone = new ArrayList<>(sessions.values());
      sessions.clear();
    }
    gone.forEach(Session::close);
  }
}
