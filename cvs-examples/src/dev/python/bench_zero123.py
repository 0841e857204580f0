"""Zero123's networks in diffusers and transformers, to set beside `./cvs bench zero123`.

For developers; nothing of CVS needs it. Needs torch 2.7.1, diffusers 0.35.1 and transformers 4.56.2.

    python bench_zero123.py [--precision float32] [--runs 3] [--threads 2] [--device cuda]

Times what `bench zero123` times, on random weights of the published size: a photograph's encoding, a
guided step (a batch of the condition and its null) and the decoding of a view.
"""

import argparse
import resource
import statistics
import time

import diffusers
import torch
import torch.nn.functional as F
import transformers
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

SPREAD = 0.02
SCALE = 3.0


def unet():
    """Stable Diffusion's of version 1, which is diffusers' default, with 8 channels in."""
    return UNet2DConditionModel(
        sample_size=32,
        in_channels=8,
        out_channels=4,
        block_out_channels=(320, 640, 1280, 1280),
        cross_attention_dim=768,
        attention_head_dim=8,
    )


def autoencoder():
    channels = (128, 256, 512, 512)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        block_out_channels=channels,
        layers_per_block=2,
        latent_channels=4,
        sample_size=256,
    )


def clip():
    """ViT-L/14."""
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=1024,
            intermediate_size=4096,
            projection_dim=768,
            num_hidden_layers=24,
            num_attention_heads=16,
            image_size=224,
            patch_size=14,
            hidden_act="quick_gelu",
        )
    )


def seconds_of(work, runs):
    """Median wall-clock time until the device has done it all; the first run does not count."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        work().float().sum().item()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--precision", default="float32", choices=["float32", "bfloat16", "float16"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    dtype = getattr(torch, args.precision)
    parts = {
        "unet": unet(),
        "codec": autoencoder(),
        "clip": clip(),
        "projection": torch.nn.Linear(768 + 4, 768),
    }
    print(
        f"torch {torch.__version__}, diffusers {diffusers.__version__}, "
        f"transformers {transformers.__version__}, {args.precision}, "
        f"{args.device}, {torch.get_num_threads()} threads"
    )
    with torch.no_grad():
        for name, part in parts.items():
            count = sum(weight.numel() for weight in part.parameters())
            print(f"  {name:12} {count:13,}")
            for weight in part.parameters():
                weight.normal_(0, SPREAD)
            parts[name] = part.eval().to(args.device, dtype)
        measure(parts, dtype, args)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"memory      {peak:.1f} GB at most, weights made in float32 included")


def measure(parts, dtype, args):
    def normal(*shape):
        return torch.randn(*shape).to(args.device, dtype)

    photograph = normal(1, 3, 256, 256).clamp(-1, 1)

    def encode():
        resized = F.interpolate(photograph, (224, 224), mode="bicubic", align_corners=True)
        embedding = parts["clip"](resized).image_embeds
        latent = parts["codec"].encode(photograph).latent_dist.mode()
        return torch.cat([embedding.flatten(), latent.flatten()])

    print(f"encode      {seconds_of(encode, args.runs):.2f} s a photograph (medians of {args.runs})")
    latent = parts["codec"].encode(photograph).latent_dist.mode()
    context = parts["projection"](normal(1, 1, 768 + 4))
    contexts = torch.cat([context, torch.zeros_like(context)])
    latents = torch.cat([latent, torch.zeros_like(latent)])
    x = normal(1, 4, 32, 32)
    timestep = torch.tensor([500], device=args.device)

    def step():
        inputs = torch.cat([torch.cat([x, x]), latents], 1)
        conditional, null = parts["unet"](inputs, timestep, contexts).sample.chunk(2)
        return x - (null + SCALE * (conditional - null))

    print(f"guided step {seconds_of(step, args.runs):.2f} s")
    seconds = seconds_of(lambda: parts["codec"].decode(x / 0.18215).sample, args.runs)
    print(f"decode      {seconds:.2f} s a view")


if __name__ == "__main__":
    main()
