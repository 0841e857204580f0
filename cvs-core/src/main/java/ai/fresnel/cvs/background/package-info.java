/**
 * Plain backgrounds of photographs. {@link ai.fresnel.cvs.background.BackgroundKey} makes them
 * transparent, also where light and shadows change their colour; {@link
 * ai.fresnel.cvs.background.Parts} tells objects from specks.
 */
package ai.fresnel.cvs.background;
