/**
 * How photographs are brought to a network's size: by a triangle filter, or by Pillow's Lanczos.
 */
package ai.fresnel.cvs.resize;
