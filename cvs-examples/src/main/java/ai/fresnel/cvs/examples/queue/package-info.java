/**
 * Work of many askers that goes through one network: {@link
 * ai.fresnel.cvs.examples.queue.BatchQueue} is bounded, and takes what waits in one pass.
 */
package ai.fresnel.cvs.examples.queue;
