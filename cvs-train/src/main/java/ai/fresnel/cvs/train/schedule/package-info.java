/**
 * Quantities that change while training runs or are drawn for each sample: {@link
 * ai.fresnel.cvs.train.schedule.LogNormalSigmas sigmas}, the {@link
 * ai.fresnel.cvs.train.schedule.IntervalSchedule number of intervals} of the consistency grid and
 * the {@link ai.fresnel.cvs.train.schedule.WarmupCosine learning rate}. All are pure functions of
 * the samples seen, so a resumed run needs to store none of them.
 */
package ai.fresnel.cvs.train.schedule;
