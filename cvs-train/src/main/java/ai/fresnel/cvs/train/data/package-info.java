/**
 * Draws pairs of views and makes batches of them.
 *
 * <p>Start at {@link ai.fresnel.cvs.train.data.ViewPairDataset}: it draws random source and target
 * views from one split of a {@link ai.fresnel.cvs.train.viewset.ViewSet} in memory, as a pure
 * function of seed and batch number. {@link ai.fresnel.cvs.train.data.StreamedPairs} draws from a
 * set larger than memory. Both are {@link ai.fresnel.cvs.train.data.PairSource}s. {@link
 * ai.fresnel.cvs.train.data.PairOptions} chooses the pairs and their {@link
 * ai.fresnel.cvs.train.data.Augmentation}; {@link ai.fresnel.cvs.train.data.Prefetcher} makes
 * batches ahead of time. {@link ai.fresnel.cvs.train.data.PairDataset} is the view of a source for
 * DJL's training loop; {@link ai.fresnel.cvs.train.data.UnposedImages} reads folders of images
 * without cameras.
 */
package ai.fresnel.cvs.train.data;
