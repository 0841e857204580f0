/**
 * The door of CVS: a new view of an object from one photograph in one network pass.
 *
 * <p>{@link ai.fresnel.cvs.ViewSynthesizer} loads a model folder and draws; its simple methods take
 * DJL images, {@link ai.fresnel.cvs.ViewSynthesizer#generate} takes a {@link
 * ai.fresnel.cvs.ViewRequest} with every setting. A {@link ai.fresnel.cvs.Photograph} holds pixels
 * with transparency and frames them as {@link ai.fresnel.cvs.Framing} says. Cameras are made in
 * {@link ai.fresnel.cvs.geometry}.
 */
package ai.fresnel.cvs;
