/**
 * What a person sees of a run: {@link ai.fresnel.cvs.train.monitor.MetricsFile} (a line every few
 * seconds), {@link ai.fresnel.cvs.train.monitor.EventFile} (the same for TensorBoard) and {@link
 * ai.fresnel.cvs.train.monitor.Curves} (the same as an image). {@link
 * ai.fresnel.cvs.train.monitor.ContactSheet} puts images and their captions into one file. Nothing
 * here changes what is trained.
 */
package ai.fresnel.cvs.train.monitor;
