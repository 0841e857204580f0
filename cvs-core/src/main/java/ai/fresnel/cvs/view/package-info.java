/**
 * Models of views. {@link ai.fresnel.cvs.view.ViewModel} puts codec, conditioner, U-Net and scaling
 * together; {@link ai.fresnel.cvs.view.ViewSampler} draws images with it. {@link
 * ai.fresnel.cvs.view.DenoiserNetwork} is what training asks of a network: it turns a {@link
 * ai.fresnel.cvs.view.ViewContext} into a conditioning and returns {@link
 * ai.fresnel.cvs.view.Outputs} by name.
 */
package ai.fresnel.cvs.view;
