/**
 * Codecs between images and the states that are diffused. Start at {@link
 * ai.fresnel.cvs.codec.StateCodec#of}. {@link ai.fresnel.cvs.codec.ChromaCodec} scales colour
 * against brightness.
 */
package ai.fresnel.cvs.codec;
