"""Makes the frames of Zero123FrameTest with Pillow, as the demo of Zero123's authors frames photographs.

    python make_frames.py        # Pillow 13.0.0, numpy 2
"""

import pathlib

import numpy
from PIL import Image

HERE = pathlib.Path(__file__).parent


def photograph(width, height, box):
    """An ellipse with stripes and a half transparent rim, by integers alone."""
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.int64)
    left, top, right, bottom = box
    a, b = right - left, bottom - top
    u, v = 2 * x + 1 - left - right, 2 * y + 1 - top - bottom
    # Thousandths of the square of the distance from the centre.
    distance = 1000 * (u * u * b * b + v * v * a * a) // (a * a * b * b)
    alpha = numpy.clip((1100 - distance) * 2, 0, 255)
    alpha[(x < left) | (x >= right) | (y < top) | (y >= bottom)] = 0
    # The middle row and column are opaque: the box is known.
    alpha[(numpy.abs(v) <= 1) & (x >= left) & (x < right)] = 255
    alpha[(numpy.abs(u) <= 1) & (y >= top) & (y < bottom)] = 255
    red = (3 * x + 2 * y) // 4 % 256
    green = 255 * ((x // 6 + y // 4) % 2)
    blue = (x * y // 64) % 256
    return numpy.stack([red, green, blue, alpha], -1).astype(numpy.uint8)


def of_object(rgba, size):
    foreground = rgba[:, :, 3] > 127
    image = rgba[:, :, :3].copy()
    image[~foreground] = 255
    rows, columns = numpy.flatnonzero(foreground.any(1)), numpy.flatnonzero(foreground.any(0))
    image = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    image = Image.fromarray(image)
    side = size * 200 // 256
    image.thumbnail([side, side], Image.Resampling.LANCZOS)
    frame = Image.new("RGB", (size, size), (255, 255, 255))
    frame.paste(image, ((size - image.width) // 2, (size - image.height) // 2))
    return frame


def of_whole(rgba, size):
    image = Image.fromarray(rgba, "RGBA").resize([size, size], Image.Resampling.LANCZOS)
    image = numpy.asarray(image, numpy.float32) / 255
    alpha = image[:, :, 3:]
    image = (alpha * image + (1 - alpha) * numpy.ones_like(image))[:, :, :3]
    return Image.fromarray((255 * image + 0.5).astype(numpy.uint8))


of_object(photograph(400, 300, (50, 20, 351, 241)), 256).save(HERE / "reduced.png")
of_object(photograph(700, 900, (13, 7, 683, 891)), 64).save(HERE / "averaged.png")
of_object(photograph(120, 100, (20, 30, 60, 51)), 64).save(HERE / "small.png")
of_object(photograph(500, 40, (2, 16, 490, 19)), 64).save(HERE / "thin.png")
of_whole(photograph(150, 150, (10, 20, 140, 131)), 64).save(HERE / "whole.png")
