package ai.fresnel.cvs.checkpoint;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The process that a lock file names.
 *
 * @param process its number
 * @param started when it started, which tells it from a later process of the same number
 * @param host the host that it runs on
 */
record LockHolder(long process, Instant started, String host) {

  private static final Pattern TEXT =
      Pattern.compile(
          "process ([0-9]{1,18}) started (\\S{1,40}) on host ([A-Za-z0-9._-]{1,255})\\s*");

  /** The kernel's clock and the wall clock are compared anew in each process. */
  private static final Duration SAME_START = Duration.ofSeconds(2);

  private static final String HOST = hostName();

  /** Returns the process that asks. */
  static LockHolder current() {
    ProcessHandle own = ProcessHandle.current();
    return new LockHolder(own.pid(), start(own), HOST);
  }

  /** Reads the content of a lock file; empty if it names no process. */
  static Optional<LockHolder> parse(String text) {
    Matcher found = TEXT.matcher(text);
    if (!found.matches()) {
      return Optional.empty();
    }
    try {
      long process = Long.parseLong(found.group(1));
      return Optional.of(new LockHolder(process, Instant.parse(found.group(2)), found.group(3)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Returns whether the process ran on this host, so that {@link #isRunning} can tell. */
  boolean isHere() {
    return host.equals(HOST);
  }

  /** Returns whether the process still runs on this host. */
  boolean isRunning() {
    return ProcessHandle.of(process)
        .filter(ProcessHandle::isAlive)
        .map(found -> Duration.between(start(found), started).abs())
        .filter(apart -> apart.compareTo(SAME_START) <= 0)
        .isPresent();
  }

  private static Instant start(ProcessHandle process) {
    return process.info().startInstant().orElse(Instant.EPOCH);
  }

  /** Asks the kernel first: the resolver of names may take seconds where there is no network. */
  private static String hostName() {
    String name;
    try {
      name = Files.readString(Path.of("/proc/sys/kernel/hostname"));
    } catch (IOException e) {
      try {
        name = InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException unknown) {
        name = "unknown";
      }
    }
    return name.strip().replaceAll("[^A-Za-z0-9._-]", "-");
  }

  /** Returns the content of a lock file. */
  @Override
  public String toString() {
    return "process " + process + " started " + started + " on host " + host;
  }
}
