/**
 * Objects made from a seed, in place of files.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.procedural.ProceduralScenes}: furniture of eleven
 * families. {@link ai.fresnel.cvs.train.procedural.MeshVariation} makes variants of any mesh, and
 * {@link ai.fresnel.cvs.train.procedural.Seeds} the independent random streams behind both.
 */
package ai.fresnel.cvs.train.procedural;
