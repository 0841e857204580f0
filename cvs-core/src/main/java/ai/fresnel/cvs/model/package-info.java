/**
 * Trained models on disk, and the settings of their networks.
 *
 * <p>Start at {@link ai.fresnel.cvs.model.ModelFolder}: {@code config.json}, {@code
 * model.safetensors} and {@code provenance.json} in one folder, written completely or not at all.
 * {@link ai.fresnel.cvs.model.ModelConfig} holds the settings and the presets, {@link
 * ai.fresnel.cvs.model.UNetConfig} the shape of a U-Net, {@link ai.fresnel.cvs.model.Provenance}
 * the origin of the weights. A damaged, newer or unknown file throws a {@link
 * ai.fresnel.cvs.checkpoint.ModelFormatException} that names it. The weights are a file of {@link
 * ai.fresnel.cvs.checkpoint}.
 */
package ai.fresnel.cvs.model;
