/**
 * Frozen image encoders with published weights. {@link ai.fresnel.cvs.encoder.DinoV2} encodes a
 * photograph as tokens. Its weights come with a model folder.
 */
package ai.fresnel.cvs.encoder;
