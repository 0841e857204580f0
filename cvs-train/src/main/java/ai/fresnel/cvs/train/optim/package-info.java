/**
 * Updates of whole models, each in a few calls: {@link ai.fresnel.cvs.train.optim.ModelOptimizer}
 * with AdamW, RAdam and Muon, averages of weights ({@link ai.fresnel.cvs.train.optim.EmaWeights})
 * and the {@link ai.fresnel.cvs.train.optim.LossScaler scale} of losses in float16.
 */
package ai.fresnel.cvs.train.optim;
