/**
 * What training minimises, as DJL losses: {@link ai.fresnel.cvs.train.loss.DenoisingLoss} in stage
 * 1; in stage 2 {@link ai.fresnel.cvs.train.loss.PseudoHuberLoss}, maybe with others in a {@link
 * ai.fresnel.cvs.train.loss.WeightedLosses}. Each takes a target and a weight a sample.
 */
package ai.fresnel.cvs.train.loss;
