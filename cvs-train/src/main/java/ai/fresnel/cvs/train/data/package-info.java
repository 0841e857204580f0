/**
 * Pairs of views in memory and the batches made of them.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.data.ViewPairDataset}: random source and target views
 * of one split of a {@link ai.fresnel.cvs.train.viewset.ViewSet}, as a pure function of seed and
 * batch number. {@link ai.fresnel.cvs.train.data.StreamedPairs} draws from a set larger than
 * memory; both are a {@link ai.fresnel.cvs.train.data.PairSource}. {@link
 * ai.fresnel.cvs.train.data.PairOptions} says which pairs, with which {@link
 * ai.fresnel.cvs.train.data.Augmentation}; {@link ai.fresnel.cvs.train.data.Prefetcher} makes
 * batches ahead of time. {@link ai.fresnel.cvs.train.data.PairDataset} is the view of a source for
 * DJL's training loop; {@link ai.fresnel.cvs.train.data.UnposedImages} reads folders of images
 * without cameras.
 */
package ai.fresnel.cvs.train.data;
