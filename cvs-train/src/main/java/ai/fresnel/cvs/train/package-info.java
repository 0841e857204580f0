/**
 * The doors of training: {@link ai.fresnel.cvs.train.DiffusionTrainer} (stage 1, a teacher learns
 * to denoise) and {@link ai.fresnel.cvs.train.ConsistencyTrainer} (stage 2, a student is distilled
 * from it). Each takes a {@link ai.fresnel.cvs.train.config.TrainingConfig}.
 *
 * <p>Behind them: {@code config} holds the settings, {@code stage} makes the inputs and labels of a
 * step, {@code objective} the losses, {@code optim} the updates, {@code run} the loop and all that
 * it saves and tells, {@code memory} the plan for a device.
 */
package ai.fresnel.cvs.train;
