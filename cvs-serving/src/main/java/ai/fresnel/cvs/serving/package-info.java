/**
 * Model folders in DJL Serving. {@link ai.fresnel.cvs.serving.ServedViewsFactory} is what a {@code
 * serving.properties} names: HTTP requests with a photograph and cameras in, PNG files out.
 */
package ai.fresnel.cvs.serving;
