/**
 * What a server keeps between requests, in memory and bounded: photographs in {@link
 * ai.fresnel.cvs.examples.session.PhotographStore}, and the Gaussians that {@link
 * ai.fresnel.cvs.examples.session.SplatJobs} makes of them.
 */
package ai.fresnel.cvs.examples.session;
