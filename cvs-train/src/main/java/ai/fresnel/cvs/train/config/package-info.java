/**
 * The settings of a run. {@link ai.fresnel.cvs.train.config.TrainingConfig} has all of them, {@link
 * ai.fresnel.cvs.train.config.RecipeJson} reads and writes them, and {@link
 * ai.fresnel.cvs.train.Recipes} has those of stage 2 that have a name.
 */
package ai.fresnel.cvs.train.config;
