package ai.fresnel.cvs.examples.serve;

import java.time.Duration;

/**
 * Where a server listens and what bounds it.
 *
 * @param host the name or address to listen on
 * @param port the port; 0 for any that is free
 * @param queue the most views that wait for a pass
 * @param batch the most views of a pass
 * @param uploadBytes the most bytes of a photograph or mask
 * @param photographs the most photographs in memory
 * @param age how long a photograph is kept that nobody asks for
 * @param timeout how long a request may wait for its views
 */
public record ServeOptions(
    String host,
    int port,
    int queue,
    int batch,
    int uploadBytes,
    int photographs,
    Duration age,
    Duration timeout) {

  /**
   * Returns what suits one machine: loopback, a photograph of 20 MB, 64 views that wait.
   *
   * @return the options
   */
  public static ServeOptions defaults() {
    return new ServeOptions(
        "127.0.0.1", 8080, 64, 8, 20_000_000, 64, Duration.ofMinutes(30), Duration.ofSeconds(30));
  }

  /**
   * Listens elsewhere.
   *
   * @param name the name or address
   * @param number the port
   * @return new options
   */
  public ServeOptions at(String name, int number) {
    return new ServeOptions(name, number, queue, batch, uploadBytes, photographs, age, timeout);
  }

  /**
   * Bounds views otherwise.
   *
   * @param waiting the most that wait
   * @param together the most of a pass
   * @param longest how long a request may wait
   * @return new options
   */
  public ServeOptions withQueue(int waiting, int together, Duration longest) {
    return new ServeOptions(host, port, waiting, together, uploadBytes, photographs, age, longest);
  }

  /**
   * Bounds photographs otherwise.
   *
   * @param bytes the most bytes of one
   * @param most the most in memory
   * @param longest how long one is kept that nobody asks for
   * @return new options
   */
  public ServeOptions withPhotographs(int bytes, int most, Duration longest) {
    return new ServeOptions(host, port, queue, batch, bytes, most, longest, timeout);
  }
}
