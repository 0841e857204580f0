"""Computes the step of LCM-LoRA of io.safetensors in double precision, into double.safetensors.

Needs torch, diffusers 0.35.1 and safetensors. The network is diffusers'; the deltas are hooks on
its layers. As in the library, sigmas are rounded to float32, and nothing else is.
"""

import math
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
SCALE = 8 / 4  # alpha / rank
GUIDANCE = 2.0
HUBER = 1e-3
SIGMA_DATA = 0.5
TIMESTEP_SCALING = 10

torch.set_num_threads(1)
given = {
    name: value.double() if value.is_floating_point() else value
    for name, value in load_file(HERE / "io.safetensors").items()
}
unet = UNet2DConditionModel.from_pretrained(HERE.parent / "zero123-tiny" / "unet").double().eval()
unet.requires_grad_(False)


def embedded(t):
    """diffusers computes it in float32 whatever the network's type is."""
    half = unet.config.block_out_channels[0] // 2
    frequencies = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float64) / half)
    angles = t[:, None].double() * frequencies
    return torch.cat([torch.cos(angles), torch.sin(angles)], 1)


unet.time_proj.forward = embedded
adapter = {}
adapter_on = True


def attach(layer, a, b):
    def add_delta(_, inputs, output):
        if not adapter_on:
            return output
        if isinstance(layer, torch.nn.Conv2d):
            low = torch.nn.functional.conv2d(inputs[0], a, None, layer.stride, layer.padding)
            return output + SCALE * torch.nn.functional.conv2d(low, b)
        return output + SCALE * (inputs[0] @ a.T @ b.T)

    layer.register_forward_hook(add_delta)


layers = dict(unet.named_modules())
weights = load_file(HERE / "pytorch_lora_weights.safetensors")
for key in sorted(weights):
    if key.endswith(".lora_A.weight"):
        name = key.removeprefix("unet.").removesuffix(".lora_A.weight")
        a = weights[key].double().requires_grad_()
        b = weights[key.replace(".lora_A.", ".lora_B.")].double().requires_grad_()
        attach(layers[name], a, b)
        adapter[f"grad.{name}.lora_A.weight"] = a
        adapter[f"grad.{name}.lora_B.weight"] = b

betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
alpha_bars = torch.cumprod(1 - betas, 0)
sigmas = ((1 - alpha_bars) / alpha_bars).sqrt().float().double()


def of_samples(numbers):
    return numbers.view(-1, 1, 1, 1)


def alpha(t):
    return of_samples(1 / (sigmas[t] ** 2 + 1).sqrt())


def noise_scale(t):
    return of_samples(sigmas[t]) * alpha(t)


def eps(x, t, keep=1):
    state = torch.cat([x, given["cond"] * keep], 1)
    return unet(state, t, encoder_hidden_states=given["context"] * keep).sample


def student(x, t):
    x0 = (x - noise_scale(t) * eps(x, t)) / alpha(t)
    scaled = of_samples(t.double() * TIMESTEP_SCALING)
    squares = scaled**2 + SIGMA_DATA**2
    return SIGMA_DATA**2 / squares * x + scaled / squares.sqrt() * x0


t, s = given["t"], given["s"]
x = alpha(t) * given["latents"] + noise_scale(t) * given["noise"]
with torch.no_grad():
    adapter_on = False
    conditional = eps(x, t)
    guided = conditional + GUIDANCE * (conditional - eps(x, t, keep=0))
    adapter_on = True
    lower = alpha(s) * (x - noise_scale(t) * guided) / alpha(t) + noise_scale(s) * guided
    target = student(lower, s)
prediction = student(x, t)
loss = (((prediction - target) ** 2 + HUBER**2).sqrt() - HUBER).mean()
loss.backward()
results = {"target": target, "pred": prediction.detach(), "loss": loss.detach()}
results.update((name, value.grad) for name, value in adapter.items())
save_file(results, HERE / "double.safetensors")
