/** What the commands tell and draw of Gaussians: a report, and a path among the cameras. */
package ai.fresnel.cvs.examples.splat;
