package ai.fresnel.cvs.examples.serve;

/**
 * One view that is asked for through a WebSocket.
 *
 * @param request a number of the asker's, which comes back with the view
 * @param photograph the photograph's name
 * @param view the view
 */
public record SocketOrder(long request, String photograph, ViewOrder view) {

  static final SocketOrder USUAL = new SocketOrder(0, "", ViewOrder.USUAL);
}
