"""Gaussian splatting in plain PyTorch on the CPU, to set beside `./cvs bench splat`.

For developers; nothing of CVS needs it. Needs torch 1.13 or newer and numpy.

    python bench_splat.py [--gaussians 5000] [--size 128] [--steps 3] [--threads 1] [--tile 16]

Times a step as `bench splat` does: project, sort into tiles of 16x16, composite, L1 and SSIM, gradient,
Adam. The Gaussians are those of the bench: an even ball, drawn from one camera. Each tile is composited
as one tensor of (Gaussians, pixels) with a cumulative product. `--tile` as large as the image is the
plain form without tiles; 16 is the quickest that tensors allow on a CPU.
"""

import argparse
import math
import statistics
import time

import torch
import torch.nn.functional as F


def ball(count, seed=0):
    """Gaussians on a sphere of radius 0.35, as large as their distances, of all opacities."""
    g = torch.Generator().manual_seed(seed)
    points = torch.randn(count, 3, generator=g)
    points = 0.35 * points / points.norm(dim=1, keepdim=True)
    size = math.log(0.9 / math.sqrt(count))
    return {
        "means": points,
        "rotations": torch.randn(count, 4, generator=g),
        "scales": size + 0.4 * torch.randn(count, 3, generator=g),
        "opacities": 2 * torch.randn(count, generator=g),
        "sh0": 0.5 * torch.randn(count, 3, generator=g),
    }


def camera(size, radius=1.5):
    """A camera on +x that looks at the origin; x right, y down, z forward."""
    rotation = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])
    focal = size / (2 * math.tan(math.radians(49.13) / 2))
    return rotation, torch.tensor([0.0, 0.0, radius]), focal


def rotations(q):
    w, x, y, z = F.normalize(q, dim=1).unbind(1)
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]
    return torch.stack(rows, 1).reshape(-1, 3, 3)


def project(p, view, size):
    rotation, translation, focal = view
    x, y, z = (p["means"] @ rotation.T + translation).unbind(1)
    limit = 1.3 * size / (2 * focal)
    tx, ty = z * (x / z).clamp(-limit, limit), z * (y / z).clamp(-limit, limit)
    zero = torch.zeros_like(z)
    jacobian = torch.stack(
        [focal / z, zero, -focal * tx / z**2, zero, focal / z, -focal * ty / z**2], 1
    ).reshape(-1, 2, 3)
    m = rotations(p["rotations"]) * p["scales"].exp()[:, None, :]
    flat = jacobian @ rotation @ m
    covariance = flat @ flat.transpose(1, 2) + 0.3 * torch.eye(2)
    middle = torch.stack([focal * x / z + size / 2, focal * y / z + size / 2], 1)
    colour = (0.5 + 0.28209479177387814 * p["sh0"]).clamp(min=0)
    return middle, covariance, torch.sigmoid(p["opacities"]), colour, z


def tiles(middle, covariance, opacity, depth, size, side):
    """The Gaussians of each tile, front to back."""
    reach = (2 * (255 * opacity).clamp(min=1).log()).sqrt()
    half = reach[:, None] * covariance.diagonal(dim1=1, dim2=2).sqrt()
    order = depth.argsort()
    low, high = (middle - half)[order], (middle + half)[order]
    for top in range(0, size, side):
        row = (high[:, 1] >= top) & (low[:, 1] <= top + side)
        for left in range(0, size, side):
            inside = row & (high[:, 0] >= left) & (low[:, 0] <= left + side)
            yield left, top, order[inside]


def render(p, view, size, side):
    middle, covariance, opacity, colour, depth = project(p, view, size)
    conic = torch.linalg.inv(covariance)
    rows = []
    for left, top, which in tiles(
        middle.detach(), covariance.detach(), opacity.detach(), depth.detach(), size, side
    ):
        ys, xs = torch.meshgrid(
            torch.arange(top, top + side) + 0.5, torch.arange(left, left + side) + 0.5, indexing="ij"
        )
        d = middle[which][:, None, :] - torch.stack([xs, ys], -1).reshape(1, -1, 2)
        c = conic[which]
        exponent = 0.5 * (
            c[:, 0, 0, None] * d[..., 0] ** 2 + c[:, 1, 1, None] * d[..., 1] ** 2
        ) + c[:, 0, 1, None] * d[..., 0] * d[..., 1]
        alpha = (opacity[which][:, None] * (-exponent).exp()).clamp(max=0.99)
        alpha = alpha * (alpha >= 1 / 255)
        through = torch.cumprod(1 - alpha, 0)
        before = torch.cat([torch.ones_like(through[:1]), through[:-1]])
        weight = alpha * before * (through > 1e-4)
        rows.append((weight.T @ colour[which]).reshape(side, side, 3))
    across = size // side
    lines = [torch.cat(rows[i * across : (i + 1) * across], 1) for i in range(across)]
    return torch.cat(lines, 0)


def similarity(a, b):
    offsets = torch.arange(11) - 5.0
    window = torch.exp(-(offsets**2) / (2 * 1.5**2))
    window = window / window.sum()
    kernel = (window[:, None] * window[None, :]).expand(3, 1, 11, 11).contiguous()

    def blur(x):
        return F.conv2d(x, kernel, groups=3)

    a, b = a.permute(2, 0, 1)[None], b.permute(2, 0, 1)[None]
    ma, mb = blur(a), blur(b)
    va, vb, ab = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    c1, c2 = 0.01**2, 0.03**2
    return ((2 * ma * mb + c1) * (2 * ab + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gaussians", type=int, default=5000)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tile", type=int, default=16, help="a divisor of the size")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    parameters = {k: v.requires_grad_() for k, v in ball(arguments.gaussians).items()}
    optimiser = torch.optim.Adam(parameters.values(), lr=1e-3, eps=1e-15)
    view = camera(arguments.size)
    target = torch.rand(arguments.size, arguments.size, 3, generator=torch.Generator().manual_seed(1))
    wall, cpu = [], []
    for step in range(arguments.steps + 1):
        start, used = time.perf_counter(), time.process_time()
        image = render(parameters, view, arguments.size, arguments.tile)
        loss = 0.8 * (image - target).abs().mean() + 0.2 * (1 - similarity(image, target))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step > 0:
            wall.append(1000 * (time.perf_counter() - start))
            cpu.append(1000 * (time.process_time() - used))
    print(
        f"{arguments.gaussians} Gaussians, {arguments.size}x{arguments.size}, tiles of {arguments.tile}, "
        f"{arguments.threads} threads: "
        f"median of {arguments.steps} steps {statistics.median(wall):.0f} ms, "
        f"{statistics.median(cpu):.0f} ms of processor time"
    )


if __name__ == "__main__":
    main()
