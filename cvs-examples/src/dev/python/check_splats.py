"""Files of Gaussians that CVS wrote, opened by public readers, to compare their numbers.

For developers; nothing of CVS needs it. Needs numpy, plyfile, gaussforge, pygltflib and, for a mesh, trimesh.

    ./cvs splat --convert CLOUD --out DIR/cloud.ply        # and .splat, .spz, .glb
    python check_splats.py DIR/cloud.ply DIR/cloud.splat DIR/cloud.spz DIR/cloud.glb [--mesh DIR/mesh.glb]

The PLY is read by plyfile and has the world's axes, z up. The others are compared with it, turned into
their axes, within the steps of their formats: .spz by gaussforge, which has Niantic's reader, .glb by
pygltflib, .splat by numpy as its author describes it. Colours are compared in directions, so that the
harmonics' turn counts too.
"""

import argparse
import math
import pathlib
import sys

import numpy as np
import plyfile

C0 = 0.28209479177387814
Y_UP = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], float)
Y_DOWN = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)


class Cloud:
    """Means, rotation matrices, scales, opacities, coefficients (N, K, 3)."""

    def __init__(self, means, quaternions, scales, opacities, sh):
        self.means = np.asarray(means, float)
        q = np.asarray(quaternions, float)
        self.rotations = matrices(q / np.linalg.norm(q, axis=1, keepdims=True))
        self.scales = np.asarray(scales, float)
        self.opacities = np.asarray(opacities, float).reshape(-1)
        self.sh = np.asarray(sh, float)

    def covariances(self):
        scaled = self.rotations * self.scales[:, None, :] ** 2
        return scaled @ self.rotations.transpose(0, 2, 1)

    def colours(self, directions):
        basis = harmonics(directions)[:, : self.sh.shape[1]]
        return np.einsum("dk,nkc->dnc", basis, self.sh)


def matrices(q):
    w, x, y, z = q.T
    return np.stack(
        [
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
        ],
        axis=1,
    ).reshape(-1, 3, 3)


def harmonics(d):
    """As the glTF extension lists them, with the Condon-Shortley phase."""
    x, y, z = d.T
    return np.stack(
        [
            np.full_like(x, C0),
            -0.4886025119029199 * y, 0.4886025119029199 * z, -0.4886025119029199 * x,
            1.092548430592079 * x * y, -1.092548430592079 * y * z,
            0.3153915652525200 * (2 * z * z - x * x - y * y),
            -1.092548430592079 * x * z, 0.5462742152960395 * (x * x - y * y),
            -0.5900435899266435 * y * (3 * x * x - y * y), 2.890611442640554 * x * y * z,
            -0.4570457994644657 * y * (4 * z * z - x * x - y * y),
            0.3731763325901154 * z * (2 * z * z - 3 * x * x - 3 * y * y),
            -0.4570457994644657 * x * (4 * z * z - x * x - y * y),
            1.445305721320277 * z * (x * x - y * y),
            -0.5900435899266435 * x * (x * x - 3 * y * y),
        ],
        axis=1,
    )


def read_ply(file):
    vertex = plyfile.PlyData.read(file)["vertex"]

    def columns(names):
        return np.stack([np.asarray(vertex[name], float) for name in names], axis=1)

    rest = sorted((n for n in vertex.data.dtype.names if n.startswith("f_rest_")), key=lambda n: int(n[7:]))
    sh = columns(["f_dc_0", "f_dc_1", "f_dc_2"])[:, None, :]
    if rest:
        others = columns(rest).reshape(len(sh), 3, -1).transpose(0, 2, 1)
        sh = np.concatenate([sh, others], axis=1)
    return Cloud(
        columns("xyz"),
        columns(f"rot_{i}" for i in range(4)),
        np.exp(columns(f"scale_{i}" for i in range(3))),
        1 / (1 + np.exp(-columns(["opacity"]))),
        sh,
    )


def read_splat(file):
    row = np.dtype([("mean", "<f4", 3), ("scale", "<f4", 3), ("colour", "u1", 4), ("rotation", "u1", 4)])
    rows = np.fromfile(file, row)
    colours = rows["colour"] / 255
    return Cloud(
        rows["mean"],
        (rows["rotation"].astype(float) - 128) / 128,
        rows["scale"],
        colours[:, 3],
        ((colours[:, :3] - 0.5) / C0)[:, None, :],
    )


def read_spz(file):
    import gaussforge

    read = gaussforge.GaussForge().read(file.read_bytes(), "spz")
    data = read.get("data", read)
    if "positions" not in data:
        sys.exit(f"{file}: gaussforge says {read}")

    def floats(name, columns):
        return np.frombuffer(data[name], np.float32).astype(float).reshape(-1, columns)

    colours = floats("colors", 3)
    sh = colours[:, None, :]
    if len(data["sh"]):
        others = floats("sh", 3).reshape(len(colours), -1, 3)
        sh = np.concatenate([sh, others], axis=1)
    with np.errstate(over="ignore"):
        opacities = 1 / (1 + np.exp(-floats("alphas", 1)))
    return Cloud(floats("positions", 3), floats("rotations", 4), np.exp(floats("scales", 3)), opacities, sh)


def read_glb(file):
    import pygltflib

    gltf = pygltflib.GLTF2().load(str(file))
    primitive = gltf.meshes[0].primitives[0]
    names = vars(primitive.attributes)
    blob = gltf.binary_blob()

    def floats(name, columns):
        accessor = gltf.accessors[names[name]]
        view = gltf.bufferViews[accessor.bufferView]
        data = blob[view.byteOffset : view.byteOffset + view.byteLength]
        return np.frombuffer(data, np.float32, accessor.count * columns).reshape(-1, columns).astype(float)

    prefix = "KHR_gaussian_splatting:"
    found = [n for n in names if n.startswith(prefix + "SH_DEGREE_")]
    order = sorted(found, key=lambda n: (int(n.split("_")[-3]), int(n.split("_")[-1])))
    return Cloud(
        floats("POSITION", 3),
        floats(prefix + "ROTATION", 4)[:, [3, 0, 1, 2]],
        floats(prefix + "SCALE", 3),
        floats(prefix + "OPACITY", 1),
        np.stack([floats(n, 3) for n in order], axis=1),
    )


def compare(name, expected, found, turn, bounds):
    """Prints the largest differences; returns whether they are within the format's steps."""
    directions = np.random.default_rng(1).normal(size=(50, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    one = expected
    if found.sh.shape[1] < one.sh.shape[1]:
        one = read_part(expected, found.sh.shape[1])
    turned = turn @ one.covariances() @ turn.T
    size = np.max(np.abs(turned), axis=(1, 2))[:, None, None]
    inside = np.clip(one.sh, -bounds["range"], bounds["range"])
    inside[:, 0] = np.clip(one.sh[:, 0], -bounds["constant"], bounds["constant"])
    limited = Cloud.__new__(Cloud)
    limited.sh = inside
    differences = {
        "position": np.max(np.abs(one.means @ turn.T - found.means)),
        "log scale": np.max(np.abs(np.log(one.scales) - np.log(found.scales))),
        "opacity": np.max(np.abs(one.opacities - found.opacities)),
        "covariance, of its largest number": np.max(np.abs(turned - found.covariances()) / size),
        "colour in 50 directions": np.max(
            np.abs(limited.colours(directions) - found.colours(directions @ turn.T))
        ),
    }
    good = True
    for what, difference in differences.items():
        bound = bounds[what.split(",")[0].split(" in ")[0]]
        good &= bool(difference <= bound)
        verdict = "" if difference <= bound else "   TOO FAR"
        print(f"{name:22} {what:36} {difference:.3g} (at most {bound:.3g}){verdict}")
    return good


def read_part(cloud, count):
    part = Cloud.__new__(Cloud)
    part.__dict__.update(cloud.__dict__)
    part.sh = cloud.sh[:, :count]
    return part


def check_mesh(file):
    import trimesh

    mesh = trimesh.load(str(file), force="mesh", process=False)
    print(
        f"{file.name:22} {len(mesh.vertices)} vertices, {len(mesh.faces)} triangles, watertight "
        f"{mesh.is_watertight}, winding {mesh.is_winding_consistent}, volume {mesh.volume:.4g}, "
        f"Euler {mesh.euler_number}, extent {mesh.extents.round(3)}"
    )
    return mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0


EXACT = {"position": 1e-6, "log scale": 1e-5, "opacity": 1e-6, "covariance": 1e-5, "colour": 1e-5,
         "range": math.inf, "constant": math.inf}
FORMATS = {
    ".splat": (read_splat, Y_DOWN, {**EXACT, "opacity": 0.501 / 255, "covariance": 0.05, "colour": 0.501 / 255,
                                    "constant": 0.5 / C0}),
    # Steps of 1/4096, 1/16, 1/255 and 1/38; of 1/16 and 1/8 in 15 harmonics.
    ".spz": (read_spz, Y_UP, {"position": 0.501 / 4096, "log scale": 0.501 / 16, "opacity": 0.501 / 255,
                              "covariance": 0.25, "colour": 0.35, "range": 127 / 128, "constant": 0.5 / 0.15}),
    ".glb": (read_glb, Y_UP, EXACT),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ply", type=pathlib.Path)
    parser.add_argument("others", type=pathlib.Path, nargs="*")
    parser.add_argument("--mesh", type=pathlib.Path)
    options = parser.parse_args()
    expected = read_ply(options.ply)
    print(f"{options.ply.name:22} {len(expected.means)} Gaussians with {expected.sh.shape[1]} harmonics")
    good = True
    for file in options.others:
        reader, turn, bounds = FORMATS[file.suffix]
        good &= compare(file.name, expected, reader(file), turn, bounds)
    if options.mesh:
        good &= check_mesh(options.mesh)
    print("all within the steps of their formats" if good else "NOT ALL AGREE")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
