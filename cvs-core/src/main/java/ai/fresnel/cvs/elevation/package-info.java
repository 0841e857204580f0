/** Estimates the elevation of the camera of a photograph from what a model made of it. */
package ai.fresnel.cvs.elevation;
