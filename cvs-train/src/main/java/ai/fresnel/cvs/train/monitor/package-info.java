/**
 * Reports a run to people. {@link ai.fresnel.cvs.train.monitor.MetricsFile} writes a line every few
 * seconds, {@link ai.fresnel.cvs.train.monitor.EventFile} the same for TensorBoard, and {@link
 * ai.fresnel.cvs.train.monitor.Curves} draws it. {@link ai.fresnel.cvs.train.monitor.ContactSheet}
 * puts images with captions into one file. Nothing here affects training.
 */
package ai.fresnel.cvs.train.monitor;
