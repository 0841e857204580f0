/**
 * Captured sets, photographs with known cameras, to views like rendered ones.
 *
 * <p>The doors are {@link ai.fresnel.cvs.train.capture.CaptureKind}, which lists the objects of a
 * set by its layout, and {@link ai.fresnel.cvs.train.capture.CaptureConverter}, which turns one
 * into views that a {@link ai.fresnel.cvs.train.viewset.ViewSetWriter} takes. One class reads each
 * layout; what they yield is the same: images, masks, cameras.
 */
package ai.fresnel.cvs.train.capture;
