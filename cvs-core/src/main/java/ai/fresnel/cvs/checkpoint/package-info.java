/**
 * Reads and writes files of weights.
 *
 * <p>{@link ai.fresnel.cvs.checkpoint.Safetensors} reads and writes arrays by name, also above 2
 * GiB. Model folders and training states are such files. {@link
 * ai.fresnel.cvs.checkpoint.AtomicFiles} writes a file completely or not at all; {@link
 * ai.fresnel.cvs.checkpoint.FolderLock} lets one process at a time write a folder.
 *
 * <p>{@link ai.fresnel.cvs.checkpoint.WeightFile} opens published weights: a PyTorch checkpoint, in
 * either of its two formats, or a safetensors file. A checkpoint is a Python pickle, and a pickle
 * is a program. This package never runs it: it parses the objects of a state dictionary and refuses
 * everything else. It checks every size against the file before it allocates memory. A damaged or
 * unknown file throws a {@link ai.fresnel.cvs.checkpoint.ModelFormatException} that names it.
 */
package ai.fresnel.cvs.checkpoint;
