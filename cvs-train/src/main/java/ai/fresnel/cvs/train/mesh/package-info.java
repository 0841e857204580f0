/**
 * Reads meshes from files and archives: OBJ, glTF with Draco, and furniture catalogues.
 *
 * <p>Start at {@link ai.fresnel.cvs.train.mesh.MeshFiles}: it lists the meshes below a folder as
 * {@link ai.fresnel.cvs.train.mesh.MeshSource}s. Each loads a {@link
 * ai.fresnel.cvs.train.mesh.Mesh} in the unit cube with its {@link
 * ai.fresnel.cvs.train.mesh.Material}s. {@link ai.fresnel.cvs.train.mesh.MeshBuilder} builds a mesh
 * from triangles.
 */
package ai.fresnel.cvs.train.mesh;
