"""Training steps of the same network in Python PyTorch, to set beside `./cvs bench train`.

For developers; nothing of CVS needs it. Needs torch 2.7.1 and numpy.

    ./cvs bench train --preset P --batch N --vary optimizer=adamw --json R.json
    ./cvs bench train --preset P --batch 2 --stage 1 --vary precision=float32 --out M
    python bench_train.py M R.json [--steps 5] [--device cuda]

with `--device gpu` for the first; the second, and what is compared with it, is for the CPU, where
single precision is what it says.

First it shows that the graph is the same: with the weights of M by name, each of them used, it gives
the output, the loss and the norm of the gradient that M's example.safetensors holds, and torch
counts the floating point operations of a pass that R.json says. Then it times each combination of
R.json in a process of its own: AdamW and averages with torch's foreach kernels, gradients clipped
to a norm, weights in float32 and computing in what the combination says.
"""

import argparse
import json
import math
import multiprocessing
import pathlib
import statistics

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from bench_view import Network, read_config, read_weights, seconds_of

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class TrainedNetwork(Network):
    """The network with what training adds: dropped conditions, precision, DINOv2 in the step."""

    def __init__(self, config, weights, dtype=torch.float32, twice=()):
        super().__init__(config, weights)
        self.dtype = dtype
        self.twice = twice

    def segment(self, level, function, *inputs):
        if level in self.twice and torch.is_grad_enabled():
            return checkpoint(function, *inputs, use_reentrant=False)
        return function(*inputs)

    def site(self, path, level, *inputs):
        return self.segment(level, super().site, path, level, *inputs)

    def refine(self, *inputs):
        return self.segment(0, super().refine, *inputs)

    def render(self, *inputs):
        return self.segment(0, super().render, *inputs)

    def trainable(self):
        return [w for name, w in self.weights.items() if not name.startswith("dinov2.")]

    def vit_norm(self, name, x):
        name = "dinov2." + name
        return F.layer_norm(x, x.shape[-1:], self.w(name + ".weight"), self.w(name + ".bias"), 1e-6)

    def dinov2(self, picture):
        r = F.interpolate(picture, size=224, mode="bicubic", antialias=True).clamp(-1, 1)
        mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
        patch = "dinov2.patch_embed.proj"
        h = (r * 0.5 + 0.5 - mean) / deviation
        h = F.conv2d(h, self.w(patch + ".weight"), self.w(patch + ".bias"), 14)
        h = h.flatten(2).transpose(1, 2)
        cls, place = self.w("dinov2.cls_token"), self.w("dinov2.pos_embed")
        width = h.shape[2]
        grid = place[:, 1:].reshape(1, 37, 37, width).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, scale_factor=16.1 / 37, mode="bicubic").flatten(2).transpose(1, 2)
        h = torch.cat([cls.expand(len(h), -1, -1), h], 1) + torch.cat([place[:, :1], grid], 1)
        block = 0
        while f"dinov2.blocks.{block}.norm1.weight" in self.weights:
            path = f"blocks.{block}."
            qkv = self.linear(f"dinov2.{path}attn.qkv", self.vit_norm(path + "norm1", h))
            qkv = qkv.reshape(*h.shape[:2], 3, -1, 64).permute(2, 0, 3, 1, 4)
            a = self.linear(f"dinov2.{path}attn.proj", self.attend(*qkv))
            h = h + self.w(f"dinov2.{path}ls1.gamma") * a
            m = self.linear(f"dinov2.{path}mlp.fc1", self.vit_norm(path + "norm2", h))
            m = self.linear(f"dinov2.{path}mlp.fc2", F.gelu(m))
            h = h + self.w(f"dinov2.{path}ls2.gamma") * m
            block += 1
        return self.vit_norm("norm", h[:, 1:])

    def encode(self, source):
        c = self.config
        folded = F.pixel_unshuffle(self.from_grey(source, c["chromaGain"]), c["fold"])
        h = self.conv("detail.in.conv", folded.to(self.dtype))
        for stage in range(len(c["detailChannels"])):
            for i in range(c["layers"]):
                level = round(math.log2(folded.shape[2] / h.shape[2]))
                h = self.segment(level, self.residual, f"detail.stage{stage}_block{i}.", h)
            if h.shape[2] > c["tokenGrid"]:
                h = self.conv(f"detail.stage{stage}_resample.conv", h, 2)
        tokens = F.silu(self.group_norm("detail.out.norm", h)).flatten(2).transpose(1, 2)
        tokens = self.linear("detail.out.out", tokens) + self.w("detail.out.position", h)
        volume = self.volume(folded.to(self.dtype), tokens).float()
        tokens = tokens.float()
        if c["encoder"] != "none":
            with torch.no_grad():
                features = self.dinov2(source)
            tokens = tokens + self.linear("dinov2_projection.linear", features)
        return folded, tokens, volume

    def conditions(self, source, pose, keep):
        state, tokens, embedded = self.condition(self.encode(source), pose)
        k = keep[:, None]
        return (
            state * k[:, :, None, None],
            tokens * k[:, :, None] + self.w("null_tokens.value") * (1 - k[:, :, None]),
            embedded * k + self.w("null_pose.value") * (1 - k),
        )

    def predict(self, x, level, condition):
        state, tokens, pose = condition
        angle = level[:, None] * torch.exp2(torch.linspace(-2, 4, 64))[None]
        h = F.silu(self.linear("noise.in", torch.cat([angle.cos(), angle.sin()], 1)))
        embedding = F.silu(self.linear("noise.out", h) + pose).to(self.dtype)
        fold = self.config["fold"]
        state = torch.cat([F.pixel_unshuffle(x, fold), state], 1).to(self.dtype)
        f = self.unet(state, embedding, pose.to(self.dtype), tokens.to(self.dtype))
        f = F.pixel_shuffle(f, fold)
        if self.config["refineChannels"]:
            f = self.refine(f, x.to(self.dtype), embedding)
        return f.float()

    def denoise(self, x, sigma, condition):
        data = self.config["sigmaData"]
        s = sigma[:, None, None, None]
        norm = torch.sqrt(s**2 + data**2)
        f = self.predict(x / norm, torch.log(sigma) / 4, condition)
        return data**2 / norm**2 * x + s * data / norm * f

    def consistent(self, x, sigma, condition):
        share = (self.config["sigmaMin"] / sigma)[:, None, None, None]
        return share * x + (1 - share) * self.denoise(x, sigma, condition)


def denoising_loss(network, batch):
    data = network.config["sigmaData"]
    sigma = batch["sigma"]
    weight = (sigma**2 + data**2) / (sigma * data) ** 2
    condition = network.conditions(batch["source"], batch["pose"], batch["keep"])
    d = network.denoise(batch["x"], sigma, condition)
    return ((d - batch["x0"]).flatten(1).square().mean(1) * weight).mean(), d


def distillation_loss(student, target, teacher, batch):
    sigma = batch["sigma"]
    lower = 0.7 * sigma
    x = batch["x"]
    given = batch["source"], batch["pose"], batch["keep"]
    with torch.no_grad():
        condition = teacher.conditions(*given)
        step = (lower - sigma)[:, None, None, None]
        slope = (x - teacher.denoise(x, sigma, condition)) / sigma[:, None, None, None]
        euler = x + step * slope
        end = (euler - teacher.denoise(euler, lower, condition)) / lower[:, None, None, None]
        below = x + step * (slope + end) / 2
        wanted = target.consistent(below, lower, target.conditions(*given))
    found = student.consistent(x, sigma, student.conditions(*given))
    d = (found - wanted).flatten(1)
    c = 0.00054 * math.sqrt(d.shape[1])
    return (torch.sqrt(d.square().sum(1) + c * c) - c).mean()


def random_batch(config, size):
    side = config["pictureSize"]
    sigma = torch.exp(torch.randn(size) * config["noiseDeviation"] + config["noiseMean"])
    x0 = torch.rand(size, 3, side, side) * 2 - 1
    pose = torch.tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 0, 1.1, 1.1, 1.1, 1.1, 0, -1, 0])
    return {
        "x0": x0,
        "x": x0 + sigma[:, None, None, None] * torch.randn_like(x0),
        "sigma": sigma,
        "source": torch.rand(size, 3, side, side) * 2 - 1,
        "pose": pose.expand(size, 16),
        "keep": torch.ones(size),
    }


def copy(weights):
    return {name: weight.clone() for name, weight in weights.items()}


def measure(model, result, steps, device):
    """
    Seconds of a step and bytes: the peak of this process's resident memory, or on a GPU what is
    taken of the GPU's after the steps, by all processes.
    """
    torch.set_num_threads(result["threads"])
    torch.set_default_device(device)
    config = read_config(model)
    dtype = DTYPES[result["precision"]]
    twice = result.get("checkpointLevels", [])
    network = TrainedNetwork(config, read_weights(model / "model.safetensors"), dtype, twice)
    parameters = network.trainable()
    for parameter in parameters:
        parameter.requires_grad_(True)
    average = [p.detach().clone() for p in parameters]
    distils = result["stage"] == 2
    if distils:
        frozen = {name: w.detach() for name, w in network.weights.items()}
        target = TrainedNetwork(config, copy(frozen), dtype)
        teacher = TrainedNetwork(config, copy(frozen), dtype)
    optimizer = torch.optim.AdamW(
        parameters, lr=1e-5, betas=(0.9, 0.99), weight_decay=0.01, foreach=True
    )
    parts = result.get("accumulation", 1)
    # The loss is scaled as with float16's GradScaler; its few operations count for nothing else.
    scaler = torch.amp.GradScaler(torch.device(device).type, enabled=dtype == torch.float16)

    def step():
        optimizer.zero_grad()
        for _ in range(parts):
            batch = random_batch(config, result["batch"] // parts)
            if distils:
                loss = distillation_loss(network, target, teacher, batch)
            else:
                loss, _ = denoising_loss(network, batch)
            scaler.scale(loss / parts).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0, foreach=True)
        scaler.step(optimizer)
        scaler.update()
        with torch.no_grad():
            torch._foreach_lerp_(average, parameters, 1e-3)
            if distils:
                torch._foreach_lerp_(target.trainable(), parameters, 0.05)

    seconds = [seconds_of(step) for _ in range(steps + 1)]
    if torch.device(device).type == "cuda":
        free, total = torch.cuda.mem_get_info()
        return statistics.median(seconds[1:]), total - free
    peak = 0
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            peak = 1024 * int(line.split()[1])
    return statistics.median(seconds[1:]), peak


def check(model, results):
    """Shows that this is the graph of the model folder and of the results, or ends."""
    config = read_config(model)
    network = TrainedNetwork(config, read_weights(model / "model.safetensors"))
    count = sum(weight.numel() for weight in network.weights.values())
    expected = results[0]["parameters"]
    print(f"parameters  {count:,}, CVS {expected:,}")
    if count != expected:
        raise SystemExit("another network")
    file = model / "example.safetensors"
    data = file.read_bytes()
    said = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    example = read_weights(file)
    for parameter in network.trainable():
        parameter.requires_grad_(True)
    loss, output = denoising_loss(network, example)
    loss.backward()
    off = ((output - example["output"]).abs().max() / example["output"].abs().max()).item()
    gradients = [p.grad for p in network.trainable() if p.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients))).item()
    print(f"output      off by {off:.1e} of its largest value")
    print(f"loss        {loss.item():.6g}, CVS {float(said['loss']):.6g}")
    print(f"gradient    {norm:.6g}, CVS {float(said['gradient_norm']):.6g}")
    left = set(network.weights) - network.used - {"dinov2.mask_token"}
    if left:
        raise SystemExit(f"weights that no block used: {sorted(left)}")
    close = math.isclose(norm, float(said["gradient_norm"]), rel_tol=1e-3)
    if not (off < 1e-4 and close and math.isclose(loss.item(), float(said["loss"]), rel_tol=1e-4)):
        raise SystemExit("not the same graph")
    with torch.no_grad():
        batch = random_batch(config, 1)
        condition = network.conditions(batch["source"], batch["pose"], batch["keep"])
        # The fused attention of CPUs is unknown to the counter.
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
            with FlopCounterMode(display=False) as counter:
                network.predict(batch["x"], batch["sigma"], condition)
    counted, expected = counter.get_total_flops() / 1e9, results[0]["gflop_pass"]
    print(f"a pass      {counted:.3f} GFLOP, CVS {expected:.3f}")
    if not math.isclose(counted, expected, rel_tol=0.01):
        raise SystemExit("not as many operations")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    results = [r for r in json.loads(options.results.read_text()) if "failed" not in r]
    torch.set_num_threads(results[0]["threads"])
    check(options.model, results)
    context = multiprocessing.get_context("spawn")
    print(f"torch {torch.__version__}, {options.device}, {results[0]['threads']} threads")
    print("stage  precision  parts  twice         batch    CVS s  Python s  CVS/Python  CVS MB  Python MB")
    for result in results:
        if result["optimizer"] != "adamw":
            print(f"{result['stage']:5}  {result['optimizer']} is not timed here")
            continue
        with context.Pool(1) as pool:
            seconds, peak = pool.apply(measure, (options.model, result, options.steps, options.device))
        ours = result["seconds"]
        print(
            f"{result['stage']:5}  {result['precision']:9}  {result.get('accumulation', 1):5}"
            f"  {str(result.get('checkpointLevels', [])):12}  {result['batch']:5}  {ours:7.3f}  {seconds:8.3f}  {ours / seconds:10.2f}"
            f"  {result.get('peak_bytes', 0) / 2**20:6.0f}  {peak / 2**20:9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
