/**
 * What a trained model is on disk, and the settings that decide its network.
 *
 * <p>The door is {@link ai.fresnel.cvs.model.ModelFolder}: {@code config.json}, {@code
 * model.safetensors} and {@code provenance.json} in one folder, written whole or not at all. {@link
 * ai.fresnel.cvs.model.ModelConfig} holds the settings and the presets, {@link
 * ai.fresnel.cvs.model.UNetConfig} the shape of a U-Net, {@link
 * ai.fresnel.cvs.checkpoint.Safetensors} reads and writes arrays by name without passing them
 * through one Java array, {@link ai.fresnel.cvs.model.Provenance} says where the weights came from.
 * A file that is damaged, newer or unknown is refused by a {@link
 * ai.fresnel.cvs.checkpoint.ModelFormatException} that names it.
 */
package ai.fresnel.cvs.model;
