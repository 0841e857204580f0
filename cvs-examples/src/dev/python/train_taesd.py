"""Trains a small autoencoder of TAESD's shape on a view set, for `cvs import --as taesd`.

For developers; nothing of CVS needs it. Needs torch, numpy and Pillow.

    python train_taesd.py VIEWS OUT_DIR [--width 16] [--blocks 1,1,1,1] [--minutes 5] [--skip ID_FILE]

Writes diffusers' layout: config.json and diffusion_pytorch_model.safetensors. The loss is L1 on the
views over white. The decoder sees latents with a little noise, which keeps them smooth.
"""

import argparse
import json
import math
import pathlib
import time

import numpy
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

LATENT_CHANNELS = 4
NOISE = 0.1
RATE = 1e-3


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
        )

    def forward(self, x):
        return F.relu(self.conv(x) + x)


class Half(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


def encoder(width, blocks):
    layers = [nn.Conv2d(3, width, 3, padding=1)]
    for level, count in enumerate(blocks):
        if level > 0:
            layers.append(nn.Conv2d(width, width, 3, padding=1, stride=2, bias=False))
        layers += [Block(width) for _ in range(count)]
    return Half(layers + [nn.Conv2d(width, LATENT_CHANNELS, 3, padding=1)])


def decoder(width, blocks):
    layers = [nn.Conv2d(LATENT_CHANNELS, width, 3, padding=1), nn.ReLU()]
    for level, count in enumerate(blocks):
        if level > 0:
            layers += [nn.Upsample(scale_factor=2), nn.Conv2d(width, width, 3, padding=1, bias=False)]
        layers += [Block(width) for _ in range(count)]
    return Half(layers + [nn.Conv2d(width, 3, 3, padding=1)])


def read_views(folder, skipped, most):
    objects = sorted(p for p in folder.iterdir() if p.is_dir() and p.name not in skipped)
    views = []
    for path in objects[:most]:
        for file in sorted(path.glob("[0-9][0-9][0-9].png")):
            rgba = numpy.asarray(Image.open(file).convert("RGBA"), dtype=numpy.float32) / 255
            alpha = rgba[..., 3:]
            white = rgba[..., :3] * alpha + 1 - alpha
            views.append((white * 255 + 0.5).astype(numpy.uint8).transpose(2, 0, 1))
    return torch.from_numpy(numpy.stack(views))


def write_safetensors(file, weights):
    header, offset = {}, 0
    for name, tensor in weights.items():
        size = tensor.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(file, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for tensor in weights.values():
            out.write(tensor.detach().contiguous().numpy().tobytes())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("views", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--blocks", default="1,1,1,1", help="of each resolution of the encoder; the decoder has them in reverse")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--objects", type=int, default=200)
    parser.add_argument("--skip", type=pathlib.Path, help="a file of objects to leave out, one a line")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    skipped = set(options.skip.read_text().split()) if options.skip else set()
    views = read_views(options.views, skipped, options.objects)
    held, views = views[-200:], views[:-200]
    blocks = [int(b) for b in options.blocks.split(",")]
    model = nn.ModuleDict({"encoder": encoder(options.width, blocks), "decoder": decoder(options.width, blocks[::-1])})
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)

    def passed(images, noise):
        z = model["encoder"](images)
        return z, model["decoder"](torch.tanh((z + noise * torch.randn_like(z)) / 3) * 3)

    start, step, batch = time.time(), 0, options.batch
    while (done := (time.time() - start) / (60 * options.minutes)) < 1:
        optimiser.param_groups[0]["lr"] = RATE * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * done)))
        images = views[torch.randint(len(views), (batch,))].float() / 255
        z, y = passed(images, NOISE)
        loss = F.l1_loss(y, images) + 1e-4 * z.square().mean()
        optimiser.zero_grad()
        loss.backward()
        # Without a bound, one step in a few thousand ends the learning for good.
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimiser.step()
        step += 1
        if step % 100 == 0:
            print(f"step {step}: {loss.item():.4f}, latents' deviation {z.std().item():.3f}", flush=True)
    with torch.no_grad():
        images = held.float() / 255
        z, y = passed(images, 0)
        psnr = (-10 * torch.log10((y.clamp(0, 1) - images).square().mean((1, 2, 3)))).mean()
    print(f"{step} steps of {batch}; PSNR {psnr:.2f} dB on {len(held)} views held out; latents' deviation {z.std():.3f}")

    options.out.mkdir(parents=True, exist_ok=True)
    widths = [options.width] * len(blocks)
    config = {
        "_class_name": "AutoencoderTiny",
        "act_fn": "relu",
        "block_out_channels": widths,
        "decoder_block_out_channels": widths,
        "encoder_block_out_channels": widths,
        "in_channels": 3,
        "latent_channels": LATENT_CHANNELS,
        "latent_magnitude": 3,
        "latent_shift": 0.5,
        "num_decoder_blocks": blocks[::-1],
        "num_encoder_blocks": blocks,
        "out_channels": 3,
        "scaling_factor": 1.0,
        "shift_factor": 0.0,
        "upsample_fn": "nearest",
        "upsampling_scaling_factor": 2,
    }
    (options.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    weights = {k: v for k, v in sorted(model.state_dict().items())}
    write_safetensors(options.out / "diffusion_pytorch_model.safetensors", weights)


main()
