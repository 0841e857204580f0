/**
 * What every verb of the command has on a terminal: the common options, output and errors of {@link
 * ai.fresnel.cvs.examples.terminal.Verb}, the bar of {@link
 * ai.fresnel.cvs.examples.terminal.Progress}.
 */
package ai.fresnel.cvs.examples.terminal;
