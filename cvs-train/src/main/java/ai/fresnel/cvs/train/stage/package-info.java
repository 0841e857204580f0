/**
 * The stages of training. A {@link ai.fresnel.cvs.train.stage.Stage} makes the inputs and labels of
 * a step from a batch; a {@link ai.fresnel.cvs.train.stage.TrainedBlock} is the network in the form
 * in which the stage trains it. A {@link ai.fresnel.cvs.train.stage.StagePlan} makes both: {@link
 * ai.fresnel.cvs.train.stage.DiffusionPlan} to denoise or to train the volume alone, {@link
 * ai.fresnel.cvs.train.stage.ConsistencyPlan} to distil. A stage reaches its run through {@link
 * ai.fresnel.cvs.train.stage.StageHost} only.
 */
package ai.fresnel.cvs.train.stage;
