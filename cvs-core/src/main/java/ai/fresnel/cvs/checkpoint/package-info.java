/**
 * Reads weights that others have published.
 *
 * <p>Start at {@link ai.fresnel.cvs.checkpoint.WeightFile}: it opens a PyTorch checkpoint, in
 * either of its two formats, or a safetensors file, and reads arrays by name. A checkpoint is a
 * Python pickle, and a pickle is a program. This package never runs it: it understands the parts a
 * state dictionary is made of and refuses everything else. It checks every size against the file
 * before it allocates memory.
 */
package ai.fresnel.cvs.checkpoint;
