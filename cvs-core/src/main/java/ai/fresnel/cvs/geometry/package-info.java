/**
 * Cameras in plain Java, without an engine or images.
 *
 * <p>Start at {@link ai.fresnel.cvs.geometry.CameraPose}, a camera's position and rotation in the
 * world; {@link ai.fresnel.cvs.geometry.Intrinsics} is its lens. {@link
 * ai.fresnel.cvs.geometry.RelativePose} turns a source and a target camera into the network's
 * input, with {@link ai.fresnel.cvs.geometry.Rotation6d} for the rotation. {@link
 * ai.fresnel.cvs.geometry.Orbit} makes many targets around one source. Other conventions enter
 * through named converters: {@link ai.fresnel.cvs.geometry.Zero123Pose}, {@link
 * ai.fresnel.cvs.geometry.BlenderPose}.
 *
 * <p>The world is right-handed with +z up. A camera has OpenCV axes (x right, y down, z forward)
 * and is stored world-to-camera. Angles are radians: azimuth anticlockwise seen from above and zero
 * on +x, elevation upwards from the horizon. Matrices are row-major.
 */
package ai.fresnel.cvs.geometry;
