/**
 * Image encoders that others trained: architectures only, their weights come with a model folder.
 *
 * <p>The door is {@link ai.fresnel.cvs.encoder.DinoV2}, which the network asks once a photograph
 * for what is in it.
 */
package ai.fresnel.cvs.encoder;
