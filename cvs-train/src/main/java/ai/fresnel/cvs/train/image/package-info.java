/**
 * Reads image files from anywhere: photographs, textures, captures, masks and view sets. {@link
 * ai.fresnel.cvs.train.image.ImageFile} looks at a file's header first, refuses what is too large,
 * cut off or implausible before it allocates, and decodes to {@link
 * ai.fresnel.cvs.train.image.RgbaImage}; {@link ai.fresnel.cvs.train.image.Mask} says where an
 * object is.
 */
package ai.fresnel.cvs.train.image;
