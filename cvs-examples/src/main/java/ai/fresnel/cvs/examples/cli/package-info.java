/**
 * The command {@code cvs}. Each verb is a class, listed in {@link ai.fresnel.cvs.examples.cli.Cvs}.
 *
 * <p>To add a verb, extend {@link ai.fresnel.cvs.examples.terminal.Verb}, which has the common
 * options, and add the class to the list. Let exceptions pass: the command prints the message on
 * one line and exits with status 1, or with status 2 if the command line is wrong. Report long work
 * through {@link ai.fresnel.cvs.examples.terminal.Progress}.
 */
package ai.fresnel.cvs.examples.cli;
