/**
 * Runs. {@link ai.fresnel.cvs.train.run.ViewRun} opens the data, resumes or starts a run and
 * repeats steps until its end. {@code TrainingLoop} decides when to report, save, validate and
 * draw; {@code StageTrainer} makes a step, on one device or with replicas on others; {@code
 * TrainingState} holds all that resuming needs. {@link ai.fresnel.cvs.train.run.TrainingBench}
 * makes the same steps without a run, to time them.
 */
package ai.fresnel.cvs.train.run;
