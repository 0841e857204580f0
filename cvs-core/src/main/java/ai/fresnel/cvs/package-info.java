/**
 * Draws new views of an object from one photograph, each in one network pass.
 *
 * <p>Start at {@link ai.fresnel.cvs.ViewSynthesizer}: it loads the bundled model or a model folder
 * and draws. Its simple methods take DJL images; {@link ai.fresnel.cvs.ViewSynthesizer#generate}
 * takes a {@link ai.fresnel.cvs.ViewRequest}, which holds every setting, and returns a {@link
 * ai.fresnel.cvs.ViewResult}. {@link ai.fresnel.cvs.SynthesizerOptions} choose the device, the
 * precision and the number of threads. A {@link ai.fresnel.cvs.Photograph} holds pixels with
 * transparency, and {@link ai.fresnel.cvs.Framing} says how to crop it. Make cameras with {@link
 * ai.fresnel.cvs.geometry}.
 *
 * <p>{@link ai.fresnel.cvs.ViewTranslatorFactory} loads the same models through DJL's {@code
 * Criteria}.
 */
package ai.fresnel.cvs;
