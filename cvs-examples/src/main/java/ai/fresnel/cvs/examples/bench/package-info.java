/**
 * Benchmarks of this machine: the verbs of {@code cvs bench}. Start at {@link
 * ai.fresnel.cvs.examples.bench.BenchVerb}.
 */
package ai.fresnel.cvs.examples.bench;
