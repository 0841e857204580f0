/**
 * What training minimises, as DJL losses: {@link ai.fresnel.cvs.train.loss.DenoisingLoss} in stage
 * 1, {@link ai.fresnel.cvs.train.loss.PseudoHuberLoss} in stage 2.
 */
package ai.fresnel.cvs.train.loss;
