/**
 * Reads and writes files of Gaussians.
 *
 * <p>{@link ai.fresnel.cvs.splat.file.SplatFiles} is the door: it knows a file by its content when
 * it reads and by its name when it writes. {@link ai.fresnel.cvs.splat.file.SplatFormat} lists the
 * formats, {@link ai.fresnel.cvs.splat.file.SplatAxes} the axes that each of them has.
 *
 * <p>Every file from outside may be damaged: sizes are counted against the file before memory is
 * taken, and an error is one line that names the file.
 */
package ai.fresnel.cvs.splat.file;
