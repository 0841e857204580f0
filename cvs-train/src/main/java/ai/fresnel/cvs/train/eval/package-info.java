/**
 * Evaluates views: the protocol, the baselines and the metrics of images.
 *
 * <p>Start at {@link ai.fresnel.cvs.train.eval.Evaluation}: it asks {@link
 * ai.fresnel.cvs.train.eval.ViewPredictor}s (models and baselines) for the targets of fixed {@link
 * ai.fresnel.cvs.train.eval.EvaluationPairs} and returns an {@link
 * ai.fresnel.cvs.train.eval.EvaluationReport} and a contact sheet. {@code docs/evaluation.md}
 * describes the measurements.
 *
 * <p>{@link ai.fresnel.cvs.train.eval.ImageMetrics} computes PSNR, SSIM and sharpness of images in
 * [-1, 1], over the whole frame or under a mask. {@link
 * ai.fresnel.cvs.train.eval.MetricAccumulator} gathers numbers by key. {@link
 * ai.fresnel.cvs.train.eval.PsnrEvaluator} is PSNR for DJL's training loop. {@link
 * ai.fresnel.cvs.train.eval.OrbitEvaluation} measures how much the frames of an orbit disagree.
 *
 * <p>By PSNR a blur beats any sample of a model, so do not read one number alone. Compare the mean
 * of several samples with the truth by PSNR, and judge a single sample by its silhouette and its
 * inner sharpness, or by {@link ai.fresnel.cvs.train.lpips.Lpips} if you have the weights.
 */
package ai.fresnel.cvs.train.eval;
