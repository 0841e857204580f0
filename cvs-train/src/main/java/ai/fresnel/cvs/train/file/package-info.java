/**
 * Files from outside: what all readers share.
 *
 * <p>{@link ai.fresnel.cvs.train.file.DataFolder} finds the files that other files name. {@link
 * ai.fresnel.cvs.train.file.TextFile} reads text of bounded length. {@link
 * ai.fresnel.cvs.train.file.Guarded} keeps the failure of one item from ending the work on all, and
 * {@link ai.fresnel.cvs.train.file.LeftOut} counts such items.
 */
package ai.fresnel.cvs.train.file;
