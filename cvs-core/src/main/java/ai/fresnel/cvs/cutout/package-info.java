/**
 * Cuts an object out of a busy background: a box around it is enough, strokes of a brush help.
 *
 * <p>{@link ai.fresnel.cvs.cutout.GrabCut} finds the object that {@link
 * ai.fresnel.cvs.cutout.CutOutHints} point at, and {@link ai.fresnel.cvs.cutout.ForegroundColours}
 * takes the background's colour out of translucent pixels. Both are plain Java on 8-bit RGBA.
 */
package ai.fresnel.cvs.cutout;
