/**
 * {@code cvs serve}: {@link ai.fresnel.cvs.examples.serve.ViewServer} puts a model behind a page, a
 * JSON API and a WebSocket.
 */
package ai.fresnel.cvs.examples.serve;
