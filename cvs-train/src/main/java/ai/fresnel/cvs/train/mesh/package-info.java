/**
 * Meshes from files: OBJ, glTF with Draco, and catalogues of furniture, loose or in archives.
 *
 * <p>The door is {@link ai.fresnel.cvs.train.mesh.MeshFiles}: it lists the meshes below a folder as
 * {@link ai.fresnel.cvs.train.mesh.MeshSource}s, which load a {@link
 * ai.fresnel.cvs.train.mesh.Mesh} in the unit cube with its {@link
 * ai.fresnel.cvs.train.mesh.Material}s. {@link ai.fresnel.cvs.train.mesh.MeshBuilder} makes a mesh
 * from triangles.
 */
package ai.fresnel.cvs.train.mesh;
