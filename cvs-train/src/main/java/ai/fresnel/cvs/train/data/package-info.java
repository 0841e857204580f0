/**
 * View sets on disk and the batches made of them.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.data.ViewPairDataset}: random source and target views
 * of one split of a {@link ai.fresnel.cvs.train.data.ViewSet}, as a pure function of seed and batch
 * number; {@link ai.fresnel.cvs.train.data.Prefetcher} makes its batches ahead of time. A renderer
 * fills a folder through {@link ai.fresnel.cvs.train.data.ViewSetWriter}; {@link
 * ai.fresnel.cvs.train.data.ViewSetInspector} says whether the result is fit for training; {@link
 * ai.fresnel.cvs.train.data.SplitRule} keeps variants of one object in one split. {@link
 * ai.fresnel.cvs.train.data.ContactSheet} shows pictures to people.
 */
package ai.fresnel.cvs.train.data;
