/**
 * Reads and writes view sets: objects with views from several cameras, in folders or tar files.
 *
 * <p>Start at {@link ai.fresnel.cvs.train.viewset.ViewSet}: it lists objects by {@link
 * ai.fresnel.cvs.train.viewset.Split} and reads their {@link ai.fresnel.cvs.train.viewset.View}s.
 * {@link ai.fresnel.cvs.train.viewset.ViewSetWriter} writes folders, {@link
 * ai.fresnel.cvs.train.viewset.ShardWriter} tar files. {@link
 * ai.fresnel.cvs.train.viewset.SplitRule} keeps variants of one object in one split. {@link
 * ai.fresnel.cvs.train.viewset.ViewSetInspector} checks whether a set is fit for training.
 */
package ai.fresnel.cvs.train.viewset;
