/**
 * Published weights, read from files that nobody vouches for.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.weights.WeightFile}: arrays by name, whether they lie
 * in a PyTorch checkpoint (of either of its formats) or in safetensors. A checkpoint is a Python
 * pickle, that is, a program; here only what a state dictionary is made of is understood, nothing
 * is run, and no size is believed before it is compared with the file's.
 */
package ai.fresnel.cvs.train.weights;
