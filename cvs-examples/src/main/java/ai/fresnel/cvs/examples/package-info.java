/**
 * Example programs, each with a page in {@code docs/examples}. The command-line tool is {@code
 * cli}.
 */
package ai.fresnel.cvs.examples;
