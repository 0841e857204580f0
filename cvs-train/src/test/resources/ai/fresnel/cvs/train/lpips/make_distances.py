"""Writes distances.json, LPIPS as its reference computes it.

Made with lpips 0.1.4, torchvision 0.22.1 and torch 2.7.1 by `python make_distances.py`. The heads
(alex.pth, vgg.pth, squeeze.pth) are the files of lpips 0.1.4, weights/v0.1, under LICENSE.txt. The
backbones' weights and the pictures come from the formulas below, which LpipsTest repeats.
"""

import json
import math
import warnings

import lpips
import numpy as np
import torch
import torch.nn.functional as F
import torchvision

BACKBONES = {
    "alex": torchvision.models.alexnet,
    "vgg": torchvision.models.vgg16,
    "squeeze": torchvision.models.squeezenet1_1,
}
# Sides (height, width) and the side that pictures are resized to, 0 for none.
CASES = {
    "alex": [(31, 31, 0), (40, 53, 0), (64, 64, 0), (24, 24, 64), (80, 80, 64)],
    "vgg": [(16, 16, 0), (37, 20, 0), (64, 64, 0), (12, 12, 32)],
    "squeeze": [(17, 17, 0), (40, 53, 0), (64, 64, 0), (12, 12, 32)],
}
PICTURES = 2
PROBES = 24


def noise(seed, count):
    """Numbers in [-1, 1): murmur3's finalizer of the index."""
    x = np.arange(count, dtype=np.uint32) + np.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)) / 2.0**23 - 1


def weight(seed, shape):
    values = noise(seed, math.prod(shape))
    scale = 0.1 if len(shape) == 1 else math.sqrt(6 / math.prod(shape[1:]))
    return torch.tensor((values * scale).astype(np.float32)).reshape(shape)


def pictures(height, width):
    shape = (PICTURES, 3, height, width)
    n, c, y, x = np.indices(shape)
    waves = ((3 * x + 5 * y + 7 * c + 11 * n) % 17) / 8 - 1
    count = math.prod(shape)
    a = 0.5 * noise(1001, count).reshape(shape) + 0.5 * waves
    b = 0.75 * a + 0.25 * noise(1002, count).reshape(shape)
    return [torch.tensor(p.astype(np.float32), requires_grad=True) for p in (a, b)]


def features(net):
    state = BACKBONES[net](weights=None).state_dict()
    return {k: tuple(v.shape) for k, v in state.items() if k.startswith("features.")}


def case(model, height, width, side):
    a, b = pictures(height, width)
    p, q = a, b
    if side:
        p, q = (F.interpolate(v, size=side, mode="bilinear") for v in (a, b))
    distances = model(p, q).flatten()
    (distances * torch.arange(1.0, 1 + PICTURES)).sum().backward()
    probes = [i * 7919 % a.numel() for i in range(PROBES)]
    return {
        "height": height,
        "width": width,
        "side": side,
        "distances": distances.tolist(),
        "probes": probes,
        "gradientA": [a.grad.flatten()[i].item() for i in probes],
        "gradientB": [b.grad.flatten()[i].item() for i in probes],
    }


def main():
    warnings.filterwarnings("ignore")
    out = {}
    for net in BACKBONES:
        model = lpips.LPIPS(net=net, pnet_rand=True, verbose=False)
        shapes = features(net)
        values = {n: weight(k, s) for k, (n, s) in enumerate(shapes.items())}
        # The reference's slices keep torchvision's numbers: slice2.3.weight is features.3.weight.
        state = {n: values["features." + n.split(".", 1)[1]] for n in model.net.state_dict()}
        model.net.load_state_dict(state)
        out[net] = {
            "backbone": shapes,
            "cases": [case(model, *sides) for sides in CASES[net]],
        }
    with open("distances.json", "w") as file:
        json.dump(out, file)
        file.write("\n")


main()
