/** The two training stages, their configuration and their data. */
package ai.fresnel.cvs.train;
