/**
 * How good a view is: the evaluation protocol, the baselines and the distances between images.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.eval.Evaluation}: it asks {@link
 * ai.fresnel.cvs.train.eval.ViewPredictor}s (models and baselines) for the targets of fixed {@link
 * ai.fresnel.cvs.train.eval.EvaluationPairs} and gives an {@link
 * ai.fresnel.cvs.train.eval.EvaluationReport} and a contact sheet. {@code docs/evaluation.md} says
 * what is measured, and how.
 *
 * <p>{@link ai.fresnel.cvs.train.eval.ImageMetrics} is PSNR, SSIM and sharpness of images in [-1,
 * 1], over the whole frame or under a mask; {@link ai.fresnel.cvs.train.eval.MetricAccumulator}
 * gathers numbers by key, and {@link ai.fresnel.cvs.train.eval.PsnrEvaluator} shows PSNR in DJL's
 * training loop.
 *
 * <p>{@link ai.fresnel.cvs.train.eval.OrbitEvaluation} measures how much the frames of an orbit
 * disagree.
 *
 * <p>A blur beats any honest sample by PSNR, so no number here stands alone: judge the mean of
 * several samples against the truth, and one sample by its sharpness, or by {@link
 * ai.fresnel.cvs.train.lpips.Lpips} where the weights are at hand.
 */
package ai.fresnel.cvs.train.eval;
