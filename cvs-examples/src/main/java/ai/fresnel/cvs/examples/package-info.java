/** Runnable examples and the command-line tool. */
package ai.fresnel.cvs.examples;
