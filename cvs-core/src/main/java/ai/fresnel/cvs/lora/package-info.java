/**
 * Files of low-rank adapters (LoRA), to and from the names in which they are published. Start at
 * {@link ai.fresnel.cvs.lora.LoraFile}; the adapter itself is {@link ai.fresnel.cvs.block.Lora}.
 */
package ai.fresnel.cvs.lora;
