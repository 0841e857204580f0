/**
 * Reads and writes image files for the command: {@link ai.fresnel.cvs.examples.image.ImageFiles}
 * for photographs and PNG, {@link ai.fresnel.cvs.examples.image.AnimatedGif} for animations.
 */
package ai.fresnel.cvs.examples.image;
