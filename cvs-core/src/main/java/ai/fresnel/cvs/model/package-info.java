/**
 * What a trained model is on disk, and the settings that decide its network.
 *
 * <p>{@link ai.fresnel.cvs.model.ModelConfig} holds the settings and the presets. A file that is
 * damaged, newer or unknown is refused by a {@link ai.fresnel.cvs.model.ModelFormatException} that
 * names it.
 */
package ai.fresnel.cvs.model;
