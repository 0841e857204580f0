/**
 * Imports published weights of other projects. {@link ai.fresnel.cvs.importer.ModelImporter} is the
 * door: it reads a checkpoint or a folder and writes a folder of ours.
 *
 * <p>A {@link ai.fresnel.cvs.importer.MappedWeights} shows a file under the names of our network,
 * each array by its {@link ai.fresnel.cvs.importer.Origin}, and accounts for every array of the
 * file. Files are untrusted: nothing of them is run, and sizes are checked before memory is taken.
 */
package ai.fresnel.cvs.importer;
