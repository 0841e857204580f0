/**
 * Generates objects from a seed.
 *
 * <p>Start at {@link ai.fresnel.cvs.train.procedural.ProceduralScenes}, which generates furniture
 * of eleven families. {@link ai.fresnel.cvs.train.procedural.MeshVariation} makes variants of any
 * mesh. {@link ai.fresnel.cvs.train.procedural.Seeds} makes the independent random streams of both.
 */
package ai.fresnel.cvs.train.procedural;
