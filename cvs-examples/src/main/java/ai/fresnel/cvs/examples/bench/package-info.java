/**
 * How fast this machine is: {@code cvs bench}, whose door is {@link
 * ai.fresnel.cvs.examples.bench.BenchVerb}, and what it measures with.
 */
package ai.fresnel.cvs.examples.bench;
