/**
 * How good a view is: distances between pictures and the tables they are gathered in.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.eval.PictureMetrics}: PSNR, SSIM and sharpness of
 * pictures in [-1, 1], over the whole frame or under a mask. {@link
 * ai.fresnel.cvs.train.eval.MetricAccumulator} gathers numbers by key, {@link
 * ai.fresnel.cvs.train.eval.EvaluationReport} writes them as JSON, and {@link
 * ai.fresnel.cvs.train.eval.PsnrEvaluator} shows PSNR in DJL's training loop.
 *
 * <p>A blur beats any honest sample by PSNR, so no number here stands alone: judge the mean of
 * several samples against the truth, and one sample by its sharpness.
 */
package ai.fresnel.cvs.train.eval;
