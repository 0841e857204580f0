/**
 * Common parts of all verbs: {@link ai.fresnel.cvs.examples.terminal.Verb} has the options, the
 * output and the errors, {@link ai.fresnel.cvs.examples.terminal.Progress} the progress bar.
 */
package ai.fresnel.cvs.examples.terminal;
