/**
 * View sets on disk: objects, each seen by several cameras, in folders or in tar files.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.viewset.ViewSet}: it lists objects by {@link
 * ai.fresnel.cvs.train.viewset.Split} and reads their {@link ai.fresnel.cvs.train.viewset.View}s.
 * {@link ai.fresnel.cvs.train.viewset.ViewSetWriter} fills a folder, {@link
 * ai.fresnel.cvs.train.viewset.ShardWriter} a tar file; {@link
 * ai.fresnel.cvs.train.viewset.SplitRule} keeps variants of one object in one split; {@link
 * ai.fresnel.cvs.train.viewset.ViewSetInspector} says whether a set is fit for training.
 */
package ai.fresnel.cvs.train.viewset;
