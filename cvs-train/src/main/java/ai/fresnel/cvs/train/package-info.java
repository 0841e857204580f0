/**
 * The two training stages.
 *
 * <p>The doors are {@link ai.fresnel.cvs.train.DiffusionTrainer} (stage 1, a teacher by denoising)
 * and {@link ai.fresnel.cvs.train.ConsistencyTrainer} (stage 2, a student distilled from it). Both
 * run the same loop over DJL's {@code Trainer}: a {@link ai.fresnel.cvs.train.Stage} turns a batch
 * into the network's inputs and labels and names the loss, and everything else (averages,
 * snapshots, previews, metrics) listens. Where a run stands is a {@link
 * ai.fresnel.cvs.train.TrainingState}.
 */
package ai.fresnel.cvs.train;
