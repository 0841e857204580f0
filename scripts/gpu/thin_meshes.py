#!/usr/bin/env python3
"""Makes small copies of furniture archives (zips of OBJ, MTL and images) for renders of 64 x 64.

usage: thin_meshes.py OUT ARCHIVE...

Writes an archive of the same name for each into the folder OUT: the entries that the reader needs,
under their names, stored and not deflated, so that a compressor of all of them does better. Meshes
lose normals, the texture coordinates of plain materials, and detail that no pixel shows; images
have at most 128 pixels a side. Needs numpy and Pillow.
"""

import io
import multiprocessing
import os
import re
import sys
import zipfile

import numpy
from PIL import Image

FINEST = 1024  # Cells along the longest side in which coordinates are written.
GRIDS = (1024, 512, 320, 224, 160, 128, 96)  # Cells in which vertices are merged, finest first.
TRIANGLES = 5000  # The first grid that leaves at most as many is taken.
EXACT = 1 << 16  # Cells of both where a polygon has more than CORNERS: it may have holes, which
CORNERS = 40  # are lost once their outlines touch.
SIDE = 128
IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")
DATE = (2000, 1, 1, 0, 0, 0)


def textured(mtl):
    """Returns the names of the materials of an MTL file, and of those with an image."""
    names, mapped, name = set(), set(), ""
    for line in mtl.splitlines():
        words = line.split(None, 1)
        if len(words) == 2 and words[0].lower() == "newmtl":
            name = words[1].strip()
            names.add(name)
        elif len(words) == 2 and words[0].lower() == "map_kd":
            mapped.add(name)
    return names, mapped


class Obj:
    """The faces of an OBJ file."""

    def __init__(self, text):
        self.libraries = []
        vertices, self.uvs, self.colours = [], [], []
        self.corners, self.uv, self.starts = [], [], [0]
        self.materials, self.material_of = [""], []
        material = 0
        for line in text.replace("\\\n", " ").splitlines():
            words = line.split()
            if not words:
                continue
            if words[0] == "v":
                vertices.append([float(w) for w in words[1:4]])
                self.colours.append(words[4:7] if len(words) >= 7 else None)
            elif words[0] == "vt":
                self.uvs.append([float(w) for w in words[1:3]])
            elif words[0] in ("f", "fo"):
                for word in words[1:]:
                    if word.startswith("#"):
                        break
                    parts = word.split("/")
                    v = int(parts[0])
                    self.corners.append(v - 1 if v > 0 else len(vertices) + v)
                    t = int(parts[1]) if len(parts) > 1 and parts[1] else 0
                    self.uv.append(t - 1 if t > 0 else len(self.uvs) + t if t < 0 else -1)
                self.starts.append(len(self.corners))
                self.material_of.append(material)
            elif words[0] == "usemtl":
                name = line.split(None, 1)[1].strip() if len(words) > 1 else ""
                if self.materials[material] != name:
                    self.materials.append(name)
                    material = len(self.materials) - 1
            elif words[0] == "mtllib":
                self.libraries.append(line.strip())
        self.vertices = numpy.array(vertices, numpy.float64).reshape(-1, 3)

    def thin(self, plain):
        """Returns the text of the thinned file; plain(material) says that it has no image."""
        flat = numpy.array(self.corners, numpy.int64)
        starts = numpy.array(self.starts, numpy.int64)
        used = numpy.unique(flat)
        low = self.vertices[used].min(0)
        longest = (self.vertices[used].max(0) - low).max() or 1.0
        unit = (self.vertices - low) / longest
        face = numpy.repeat(numpy.arange(len(starts) - 1), numpy.diff(starts))
        following = numpy.arange(1, len(flat) + 1)
        following[starts[1:] - 1] = starts[:-1]
        exact = numpy.diff(starts).max() > CORNERS
        for grid in (EXACT,) if exact else GRIDS:
            cells = numpy.rint(unit * grid).astype(numpy.int64)
            key = (cells[:, 0] * 2 * EXACT + cells[:, 1]) * 2 * EXACT + cells[:, 2]
            _, cluster = numpy.unique(key, return_inverse=True)
            cluster = cluster.reshape(-1)
            moved = cluster[flat]
            left = numpy.bincount(face, moved != moved[following], len(starts) - 1)
            if numpy.maximum(0, left - 2).sum() <= TRIANGLES:
                break
        # The mean of what is merged keeps surfaces smooth.
        count = numpy.bincount(cluster[used], minlength=cluster.max() + 1).clip(1)
        place = numpy.stack(
            [numpy.bincount(cluster[used], unit[used, c], len(count)) / count for c in range(3)], 1
        )
        places = numpy.rint(place * (EXACT if exact else FINEST)).astype(int).tolist()
        return self.write(moved, places, plain)

    def write(self, moved, place, plain):
        out = list(self.libraries)
        vertex_index, uv_index, seen = {}, {}, set()
        current = 0
        moved = moved.tolist()
        for i, material in enumerate(self.material_of):
            begin, end = self.starts[i], self.starts[i + 1]
            ring = [
                c for c in range(begin, end)
                if place[moved[c]] != place[moved[c + 1 if c + 1 < end else begin]]
            ]
            key = frozenset(moved[c] for c in ring)
            if len(ring) < 3 or len(key) < 3 or key in seen:
                continue
            seen.add(key)
            name = self.materials[material]
            if material != current:
                out.append("usemtl " + name)
                current = material
            for c in ring:
                if moved[c] not in vertex_index:
                    vertex_index[moved[c]] = len(vertex_index)
                    line = "v %d %d %d" % tuple(place[moved[c]])
                    if self.colours[self.corners[c]]:
                        line += " " + " ".join(decimal(w) for w in self.colours[self.corners[c]])
                    out.append(line)
            # Counted from the last, indices are small and repeat.
            words = [str(vertex_index[moved[c]] - len(vertex_index)) for c in ring]
            if not plain(name) and all(self.uv[c] >= 0 for c in ring):
                at = [" ".join(decimal(x) for x in self.uvs[self.uv[c]]) for c in ring]
                for uv in at:
                    if uv not in uv_index:
                        uv_index[uv] = len(uv_index)
                        out.append("vt " + uv)
                words = ["%s/%d" % (w, uv_index[uv] - len(uv_index)) for w, uv in zip(words, at)]
            out.append("f " + " ".join(words))
        return "\n".join(out) + "\n"


def decimal(x):
    text = ("%.3f" % float(x)).rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def decode(data):
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def image(data, name):
    picture = Image.open(io.BytesIO(data))
    kind = picture.format
    if max(picture.size) <= SIDE and len(data) < 8192:
        return data
    alpha = "A" in picture.getbands() or "transparency" in picture.info
    picture = picture.convert("RGBA" if alpha and kind == "PNG" else "RGB")
    scale = min(1, SIDE / max(picture.size))
    picture = picture.resize(
        [max(1, round(s * scale)) for s in picture.size], Image.Resampling.LANCZOS
    )
    out = io.BytesIO()
    if kind == "JPEG":
        picture.save(out, kind, quality=80, optimize=True)
    else:
        picture.save(out, kind, **({"optimize": True} if kind == "PNG" else {}))
    return out.getvalue()


def entry(job):
    """Returns the thinned bytes of one entry; those of the original where it cannot be thinned."""
    path, name = job
    with zipfile.ZipFile(path) as archive:
        data = archive.read(name)
        lower = name.lower()
        try:
            if lower.endswith(IMAGES):
                return name, image(data, name), None
            if not lower.endswith(".obj"):
                return name, data, None
            obj = Obj(decode(data))
            names, mapped = set(), set()
            folder = name.rsplit("/", 1)[0] + "/" if "/" in name else ""
            entries = {n.lower(): n for n in archive.namelist()}
            for line in obj.libraries:
                for library in (line.split(None, 1)[1:] or [""])[0].split():
                    found = entries.get((folder + library.lstrip("./")).lower())
                    if found:
                        more, maps = textured(decode(archive.read(found)))
                        names |= more
                        mapped |= maps
            text = obj.thin(lambda material: material in names and material not in mapped)
            return name, text.encode("utf-8"), None
        except (ValueError, IndexError, OSError) as error:
            return name, data, "%s: %s is kept as it is: %s" % (path, name, error)


def wanted(archive):
    """Returns the entries that the reader of meshes looks at, and licences."""
    names = [n for n in archive.namelist() if not n.endswith("/")]
    materials = " ".join(decode(archive.read(n)).lower() for n in names if n.lower().endswith(".mtl"))
    for name in names:
        lower = name.lower()
        if lower.endswith(IMAGES):
            if re.search(re.escape(os.path.basename(lower)) + r"\s", materials + " "):
                yield name
        elif not re.search(r"_[a-z]{2}(_[a-z]{2})?\.properties$", lower):
            yield name


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    out, archives = sys.argv[1], sys.argv[2:]
    os.makedirs(out, exist_ok=True)
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            jobs = [(path, name) for name in sorted(wanted(archive))]
        target = os.path.join(out, os.path.basename(path))
        with multiprocessing.Pool() as pool, zipfile.ZipFile(target, "w") as thinned:
            for name, data, note in pool.imap(entry, jobs, 4):
                if note:
                    print(note, file=sys.stderr)
                thinned.writestr(zipfile.ZipInfo(name, DATE), data)
        print("%s: %d entries, %d bytes" % (target, len(jobs), os.path.getsize(target)))


if __name__ == "__main__":
    main()
