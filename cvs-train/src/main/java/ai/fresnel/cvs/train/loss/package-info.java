/**
 * What training minimises, as DJL losses: {@link ai.fresnel.cvs.train.loss.DenoisingLoss} in stage
 * 1; in stage 2 {@link ai.fresnel.cvs.train.loss.PseudoHuberLoss}, maybe with others in a {@link
 * ai.fresnel.cvs.train.loss.WeightedLosses}. Each takes a target and a weight a sample, unless it
 * says otherwise.
 *
 * <p>{@link ai.fresnel.cvs.train.loss.DepthLoss} and {@link
 * ai.fresnel.cvs.train.loss.MultiViewLoss} need the target's depth; {@link
 * ai.fresnel.cvs.train.loss.AdversarialLoss} has a {@link ai.fresnel.cvs.train.loss.Discriminator}
 * that learns beside the student.
 */
package ai.fresnel.cvs.train.loss;
