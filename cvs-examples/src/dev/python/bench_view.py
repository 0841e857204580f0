"""The network of a model folder in Python PyTorch, to set beside `./cvs bench view`.

For developers; nothing of CVS needs it. Needs torch 2.7.1 and numpy.

    python bench_view.py MODEL_DIR [--steps 1,2,4] [--views 1,4,16] [--runs 5] [--threads 2] [--device cuda]

Times what `bench view` times: from the encoded photograph and the cameras to the pictures, in
float32. Every weight of the folder must be used, and no other: that is what makes it the same graph.
"""

import argparse
import json
import math
import pathlib
import statistics
import time

import numpy
import torch
import torch.nn.functional as F

TYPES = {"F32": numpy.float32, "F16": numpy.float16}


def read_weights(file):
    data = file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    weights = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            array = numpy.frombuffer(data[start:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
            weights[name] = torch.tensor(array.astype(numpy.float32))
    return weights


def read_config(model):
    """The settings of a model folder by their names in format version 1, where they stood side by side."""
    config = json.loads((model / "config.json").read_text())
    if config["formatVersion"] == 1:
        return config
    codec, conditioner, unet = config["codec"], config["conditioner"], config["unet"]
    noise, levels = config["scaling"]["noise"], unet["levels"]
    volume = conditioner["volume"] or {"channels": [], "slices": 0, "features": 0}
    high, low = noise["sigmaMax"] ** (1 / noise["rho"]), noise["sigmaMin"] ** (1 / noise["rho"])
    grid = {
        str(n): [(high + (low - high) * i / n) ** noise["rho"] for i in range(n)] for n in range(1, 5)
    }
    return {
        "pictureSize": codec["imageSize"],
        "pictureChannels": codec["channels"],
        "chromaGain": codec["chromaGain"],
        "fold": codec["fold"],
        "channels": [level["channels"] for level in levels],
        "layers": levels[0]["blocks"],
        "attentionDepth": [level["attentionDepth"] for level in levels],
        "headChannels": unet["attention"]["heads"]["channels"],
        "groups": unet["norm"]["groups"],
        "embeddingChannels": unet["embeddingChannels"],
        "tokenChannels": conditioner["tokens"]["channels"],
        "tokenGrid": conditioner["tokens"]["grid"],
        "detailChannels": conditioner["detail"]["channels"],
        "volumeChannels": volume["channels"],
        "volumeSlices": volume["slices"],
        "volumeFeatures": volume["features"],
        "refineChannels": config["heads"]["refineChannels"],
        "encoder": conditioner["encoder"],
        "sigmaData": config["scaling"]["sigmaData"],
        "sigmaMin": noise["sigmaMin"],
        "sigmaMax": noise["sigmaMax"],
        "noiseMean": noise["mean"],
        "noiseDeviation": noise["deviation"],
        "fewStepSigmas": config["sampling"]["fewStepSigmas"] or grid,
    }


class Network:
    """Functions on named weights, block for block what `ai.fresnel.cvs.nn` does."""

    def __init__(self, config, weights):
        self.config = config
        self.weights = weights
        self.used = set()

    def w(self, name, like=None):
        self.used.add(name)
        return self.weights[name] if like is None else self.weights[name].to(like.dtype)

    def linear(self, name, x, bias=True):
        return F.linear(x, self.w(name + ".weight", x), self.w(name + ".bias", x) if bias else None)

    def conv(self, name, x, stride=1):
        kernel = self.w(name + ".weight", x)
        return F.conv2d(x, kernel, self.w(name + ".bias", x), stride, kernel.shape[2] // 2)

    def group_norm(self, name, x):
        return F.group_norm(x, self.config["groups"], self.w(name + ".weight"), self.w(name + ".bias"))

    def layer_norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.w(name + ".weight"), self.w(name + ".bias"))

    def residual(self, path, x, embedding=None):
        h = self.conv(path + "conv1", F.silu(self.group_norm(path + "norm1", x)))
        h = self.group_norm(path + "norm2", h)
        if embedding is not None:
            scale, shift = self.linear(path + "modulation", embedding)[:, :, None, None].chunk(2, 1)
            h = torch.addcmul(h + shift, h, scale)
        h = self.conv(path + "conv2", F.silu(h))
        return h + (x if x.shape[1] == h.shape[1] else self.conv(path + "shortcut", x))

    def heads(self, x, parts):
        width = self.config["headChannels"]
        return x.reshape(*x.shape[:2], parts, -1, width).permute(2, 0, 3, 1, 4)

    def attend(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)

    def transformer(self, path, x, tokens):
        qkv = self.linear(path + "self.qkv", self.layer_norm(path + "norm1", x), False)
        x = x + self.linear(path + "self.out", self.attend(*self.heads(qkv, 3)))
        q = self.linear(path + "cross.q", self.layer_norm(path + "norm2", x), False)
        kv = self.linear(path + "cross.kv", tokens, False)
        a = self.attend(self.heads(q, 1)[0], *self.heads(kv, 2))
        x = x + self.linear(path + "cross.out", a)
        h, gate = self.linear(path + "gate", self.layer_norm(path + "norm3", x)).chunk(2, 2)
        return x + self.linear(path + "out", h * F.gelu(gate))

    def spatial(self, path, x, tokens, depth):
        h = self.group_norm(path + "enter.norm", x).flatten(2).transpose(1, 2)
        h = self.linear(path + "enter.in", h)
        for i in range(depth):
            h = self.transformer(f"{path}block{i}.", h, tokens)
        return x + self.linear(path + "leave.out", h).transpose(1, 2).reshape(x.shape)

    def site(self, path, level, index, x, embedding, tokens):
        h = self.residual(f"{path}_block{index}.", x, embedding)
        depth = self.config["attentionDepth"][level]
        return self.spatial(f"{path}_attention{index}.", h, tokens, depth) if depth else h

    def unet(self, state, embedding, pose, tokens):
        c = self.config
        last = len(c["channels"]) - 1
        h = self.conv("unet.in.conv", state)
        skips = [h]
        for level in range(last + 1):
            for i in range(c["layers"]):
                h = self.site(f"unet.down{level}", level, i, h, embedding, tokens)
                skips.append(h)
            if level < last:
                h = self.conv(f"unet.down{level}_resample.conv", h, 2)
                skips.append(h)
        everywhere = pose[:, :, None, None].expand(-1, -1, *h.shape[2:])
        h = self.conv("unet.join_pose.conv", torch.cat([h, everywhere], 1))
        h = self.site("unet.middle", last, 0, h, embedding, tokens)
        h = self.residual("unet.middle_block1.", h, embedding)
        for level in reversed(range(last + 1)):
            for i in range(c["layers"] + 1):
                h = torch.cat([h, skips.pop()], 1)
                h = self.site(f"unet.up{level}", level, i, h, embedding, tokens)
            if level > 0:
                h = F.interpolate(h, scale_factor=2, mode="nearest")
                h = self.conv(f"unet.up{level}_resample.conv", h)
        gain = self.linear("unet.out.gain", embedding)[:, :, None, None]
        straight = F.conv2d(state * gain, self.w("unet.out.linear.weight", state), None, 1, 1)
        return straight + self.conv("unet.out.conv", F.silu(self.group_norm("unet.out.norm", h)))

    def refine(self, f, x, embedding):
        m = self.linear("refine.modulation", embedding)[:, :, None, None].chunk(4, 1)
        h = self.conv("refine.enter", torch.cat([f, x], 1))
        h = self.conv("refine.mid", F.silu(torch.addcmul(h + m[1], h, m[0])))
        return f + self.conv("refine.leave", F.silu(torch.addcmul(h + m[3], h, m[2])))

    def from_grey(self, x, factor):
        grey = x.mean(1, keepdim=True)
        return grey + (x - grey) * factor

    def encode(self, source):
        c = self.config
        folded = F.pixel_unshuffle(self.from_grey(source, c["chromaGain"]), c["fold"])
        h = self.conv("detail.in.conv", folded)
        for stage in range(len(c["detailChannels"])):
            for i in range(c["layers"]):
                h = self.residual(f"detail.stage{stage}_block{i}.", h)
            if h.shape[2] > c["tokenGrid"]:
                h = self.conv(f"detail.stage{stage}_resample.conv", h, 2)
        tokens = F.silu(self.group_norm("detail.out.norm", h)).flatten(2).transpose(1, 2)
        tokens = self.linear("detail.out.out", tokens) + self.w("detail.out.position", h)
        return folded, tokens, self.volume(folded, tokens)

    def volume(self, folded, tokens):
        """Slices with a density and features each, from the folded photograph and its tokens."""
        c = self.config
        side, last = folded.shape[2], len(c["volumeChannels"]) - 1
        u = ((torch.arange(side) + 0.5) * (2 / side) - 1).to(folded.dtype)
        u, v = u[None, :].expand(side, side), u[:, None].expand(side, side)
        places = torch.stack([u, v, u * u, v * v])
        places = places.expand(len(folded), *places.shape)
        h = self.conv("volume.in.conv", torch.cat([folded, places], 1))
        skips = []
        for level in range(last + 1):
            h = self.residual(f"volume.down{level}_block.", h)
            if level == last:
                h = self.spatial(f"volume.down{level}_attention.", h, tokens, 1)
            skips.append(h)
            if level < last:
                h = self.conv(f"volume.down{level}_resample.conv", h, 2)
        h = self.residual("volume.middle_block.", h)
        h = self.spatial("volume.middle_attention.", h, tokens, 1)
        for level in reversed(range(last + 1)):
            h = self.residual(f"volume.up{level}_block.", torch.cat([h, skips.pop()], 1))
            if level > 0:
                h = F.interpolate(h, scale_factor=2, mode="nearest")
                h = self.conv(f"volume.up{level}_resample.conv", h)
        return self.conv("volume.out.conv", F.silu(self.group_norm("volume.out.norm", h)))

    def render(self, pose, volume, folded):
        """The volume's colours, other features, opacity and depth, seen from the target camera."""
        c = self.config
        n, side, slices = len(pose), folded.shape[2], c["volumeSlices"]
        colours, features, points = c["pictureChannels"], c["volumeFeatures"], slices + slices // 4
        a, b = pose[:, 0:3], pose[:, 3:6]
        forward = torch.linalg.cross(a, b)
        axes = torch.stack([a, b, forward], 2)
        move = pose[:, 6:9]
        across = forward[:, 0:2]
        sine = across.square().sum(1)
        source = (1.8e-4 - (move[:, 0:2] * across).sum(1)) / (sine + 1e-4)
        source = source.clamp(0.85)
        target = move[:, 2] + forward[:, 2] * source
        lens = pose[:, 9:13].reshape(n, 4, 1, 1, 1)
        along = torch.arange(points) * (1.5 / (points - 1)) - 0.75
        z = (target[:, None] + along).reshape(n, points, 1, 1)
        u = (torch.arange(side) + 0.5) / side - 0.5
        size = (n, points, side, side)
        x = (z * (u.reshape(1, 1, 1, -1) / lens[:, 2])).expand(size)
        y = (z * (u.reshape(1, 1, -1, 1) / lens[:, 3])).expand(size)
        p = torch.stack([x, y, z.expand(size)], 4).reshape(n, -1, 3) - move[:, None]
        s = p @ axes
        d = s[:, :, 2:3]
        uv = s[:, :, 0:2] * pose[:, None, 9:11] * 2 / d.clamp(0.1)
        at = torch.cat([uv, (d - source.reshape(n, 1, 1)) / 0.75], 2)
        inside = (at.abs().amax(2) < 1).reshape(n, 1, *size[1:])
        inside = (inside & (z > 0.1)[:, None]).float()
        cells = volume.float().reshape(n, features + 1, slices, side, side)
        at = at.reshape(*size, 3)
        found = F.grid_sample(cells, at, padding_mode="border", align_corners=False)
        photo = F.pixel_shuffle(folded, c["fold"]).float()
        there = uv.reshape(n, points * side, side, 2)
        there = F.grid_sample(photo, there, padding_mode="border", align_corners=False)
        there = there.reshape(n, colours, *size[1:])
        t = F.softplus(found[:, 0:1] - 3) * inside * (12 * 1.5 / (points - 1))
        light = torch.exp(t - t.cumsum(2)) * (1 - torch.exp(-t))
        seen = (light * found[:, 1:]).sum(2)
        opacity = light.sum(2)
        depth = (light * along.reshape(1, 1, -1, 1, 1)).sum(2)
        edge = photo.sum((2, 3), True) - photo[:, :, 1:-1, 1:-1].sum((2, 3), True)
        edge = edge / (4 * (photo.shape[2] - 1))
        colour = seen[:, 0:colours] + (light * there).sum(2) + (1 - opacity) * edge
        return torch.cat([colour, seen[:, colours:], opacity, depth], 1)

    def condition(self, code, pose):
        folded, tokens, volume = (part.expand(len(pose), *part.shape[1:]) for part in code)
        h = F.silu(self.linear("pose.in", pose))
        embedded = self.linear("pose.out", F.silu(self.linear("pose.mid", h)))
        state = torch.cat([folded, self.render(pose, volume, folded)], 1)
        return state, tokens, embedded

    def predict(self, x, level, condition):
        state, tokens, pose = condition
        angle = level[:, None] * torch.exp2(torch.linspace(-2, 4, 64))[None]
        h = F.silu(self.linear("noise.in", torch.cat([angle.cos(), angle.sin()], 1)))
        embedding = F.silu(self.linear("noise.out", h) + pose)
        fold = self.config["fold"]
        state = torch.cat([F.pixel_unshuffle(x, fold), state], 1)
        f = F.pixel_shuffle(self.unet(state, embedding, pose, tokens), fold)
        return self.refine(f, x, embedding) if self.config["refineChannels"] else f

    def consistency(self, x, sigma, condition):
        """f(x, sigma): EDM's preconditioning, then the boundary at sigmaMin."""
        data, least = self.config["sigmaData"], self.config["sigmaMin"]
        norm = math.hypot(sigma, data)
        level = torch.full((len(x),), math.log(sigma) / 4)
        f = self.predict(x / norm, level, condition)
        x0 = data**2 / norm**2 * x + sigma * data / norm * f
        return least / sigma * x + (1 - least / sigma) * x0

    def draw(self, code, pose, steps):
        condition = self.condition(code, pose)
        size = self.config["pictureSize"]
        levels = self.config["fewStepSigmas"][str(steps)]
        picture = torch.zeros(len(pose), 3, size, size)
        for sigma in levels:
            picture = self.consistency(
                picture + sigma * torch.randn_like(picture), sigma, condition
            )
        return self.from_grey(picture, 1 / self.config["chromaGain"])


def seconds_of(work):
    """Wall-clock time until the device has done it all."""
    start = time.perf_counter()
    work()
    if torch.get_default_device().type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def numbers(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--steps", type=numbers, default=[1, 2, 4])
    parser.add_argument("--views", type=numbers, default=[1, 4, 16])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)
    config = read_config(options.model)
    network = Network(config, read_weights(options.model / "model.safetensors"))
    with torch.inference_mode():
        code = network.encode(torch.rand(1, 3, config["pictureSize"], config["pictureSize"]) * 2 - 1)
        print(f"torch {torch.__version__}, {options.device}, {options.threads} threads")
        print("passes  views       ms  ms a view")
        for steps in options.steps:
            for views in options.views:
                pose = torch.randn(views, 16)
                draw = lambda: network.draw(code, pose, steps)
                seconds = [seconds_of(draw) for _ in range(options.runs + 1)]
                ms = 1e3 * statistics.median(seconds[1:])
                print(f"{steps:6}  {views:5}  {ms:7.1f}  {ms / views:9.1f}", flush=True)
    left = set(network.weights) - network.used
    left = {name for name in left if not name.startswith(("null_", "dinov2"))}
    if left:
        raise SystemExit(f"weights that no block used: {sorted(left)}")


if __name__ == "__main__":
    main()
