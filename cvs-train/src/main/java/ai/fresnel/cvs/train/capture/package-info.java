/**
 * Converts captured sets, photographs with known cameras, into views like rendered ones.
 *
 * <p>Start at {@link ai.fresnel.cvs.train.capture.CaptureKind}, which lists the objects of a set by
 * its layout. {@link ai.fresnel.cvs.train.capture.CaptureConverter} converts an object into views
 * for a {@link ai.fresnel.cvs.train.viewset.ViewSetWriter}. Each layout has its own reader; all
 * return images, masks and cameras.
 */
package ai.fresnel.cvs.train.capture;
