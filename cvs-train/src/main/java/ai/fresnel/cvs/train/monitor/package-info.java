/**
 * What a person sees of a run: {@link ai.fresnel.cvs.train.monitor.MetricsFile} (a line every few
 * seconds), {@link ai.fresnel.cvs.train.monitor.EventFile} (the same for TensorBoard) and {@link
 * ai.fresnel.cvs.train.monitor.Curves} (the same as a picture). Nothing here changes what is
 * trained.
 */
package ai.fresnel.cvs.train.monitor;
