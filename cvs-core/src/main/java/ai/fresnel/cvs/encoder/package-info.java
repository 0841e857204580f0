/**
 * Frozen image encoders: networks that others trained, used as they were published. {@link
 * ai.fresnel.cvs.encoder.DinoV2} makes tokens of a photograph; its weights come with a model
 * folder.
 */
package ai.fresnel.cvs.encoder;
