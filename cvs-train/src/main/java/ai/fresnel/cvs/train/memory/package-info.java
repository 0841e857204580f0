/**
 * Fits a run into the memory of its device. {@link ai.fresnel.cvs.train.memory.MemoryModel} knows
 * the sizes of the networks, {@link ai.fresnel.cvs.train.memory.MemoryEstimate} tells the memory
 * that settings need, and {@link ai.fresnel.cvs.train.memory.MemoryPlan} decides the settings.
 */
package ai.fresnel.cvs.train.memory;
