/**
 * The objectives of training. An {@link ai.fresnel.cvs.train.objective.Objective} is the weighted
 * sum of {@link ai.fresnel.cvs.train.objective.Term}s, each a loss of one named output of the
 * network.
 *
 * <p>Most losses are {@link ai.fresnel.cvs.train.objective.TargetLoss}es, which are DJL losses,
 * too: they compare an output with a target and weight each sample. {@link
 * ai.fresnel.cvs.train.objective.AdversarialLoss} has a {@link
 * ai.fresnel.cvs.train.objective.Discriminator} that learns beside the student.
 */
package ai.fresnel.cvs.train.objective;
