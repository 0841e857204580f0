/**
 * Codecs between images and the states that are diffused. The door is {@link
 * ai.fresnel.cvs.codec.StateCodec#of}; {@link ai.fresnel.cvs.codec.ChromaCodec} weighs colour
 * against brightness.
 */
package ai.fresnel.cvs.codec;
