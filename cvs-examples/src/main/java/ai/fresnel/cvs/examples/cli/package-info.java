/**
 * The command {@code cvs}: one class a verb, listed in {@link ai.fresnel.cvs.examples.cli.Cvs}.
 *
 * <p>A new verb extends {@link ai.fresnel.cvs.examples.terminal.Verb}, which brings the options
 * every verb has, and is named in the list. It throws what goes wrong: the command prints the
 * message on one line and exits with status 1, or with 2 where the command line itself was wrong.
 * Long work reports through {@link ai.fresnel.cvs.examples.terminal.Progress}.
 */
package ai.fresnel.cvs.examples.cli;
