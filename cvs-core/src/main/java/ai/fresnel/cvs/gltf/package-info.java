/**
 * Writes binary glTF 2.0 files: {@link ai.fresnel.cvs.gltf.GlbBuilder} lays out the buffers and
 * their accessors, and joins them with the JSON that its callers complete.
 */
package ai.fresnel.cvs.gltf;
