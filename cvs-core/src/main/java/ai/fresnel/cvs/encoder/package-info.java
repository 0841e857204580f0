/**
 * What turns pictures into other things before the U-Net sees them, and back.
 *
 * <p>{@link ai.fresnel.cvs.encoder.DinoV2}, which others trained and whose weights come with a
 * model folder, is asked once a photograph for what is in it. {@link
 * ai.fresnel.cvs.encoder.PictureCodec} stands between pictures and the states that are diffused.
 */
package ai.fresnel.cvs.encoder;
