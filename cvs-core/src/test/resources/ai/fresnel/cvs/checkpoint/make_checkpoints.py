"""Writes zip.pth, legacy.pth and oldest.pth, checkpoints that TorchCheckpointTest reads.

Made with torch 2.7.1 by `python make_checkpoints.py`. oldest.pth is put together by hand as torch
0.1 wrote it under Python 2, with Parameters and tensors without rebuild functions, and read back.
"""

import collections
import pickle
import struct

import torch

MAGIC = 0x1950A86A20F9469CFC6C


def state():
    base = torch.arange(20.0)
    special = [0.0, -0.0, 1.5, -65504.0, 2**-14, 2**-24, 3 * 2**-20, float("inf"), float("nan")]
    out = collections.OrderedDict()
    out["float"] = torch.arange(6.0).reshape(2, 3) / 4
    out["transposed"] = torch.arange(12.0).reshape(3, 4).t()
    out["base"] = base
    out["view"] = base[5:11].reshape(2, 3)
    out["parameter"] = torch.nn.Parameter(torch.tensor([2.0, 3.0]))
    out["double"] = torch.tensor([1 / 3, -2.5], dtype=torch.float64)
    out["half"] = torch.tensor(special, dtype=torch.float16)
    out["bfloat16"] = torch.tensor([1.5, -3.0, 2.0**100], dtype=torch.bfloat16)
    out["long"] = torch.tensor(-(2**40))
    out["int"] = torch.tensor([-7, 8], dtype=torch.int32)
    out["short"] = torch.tensor([-300, 300], dtype=torch.int16)
    out["char"] = torch.tensor([-128, 127], dtype=torch.int8)
    out["byte"] = torch.tensor([0, 255], dtype=torch.uint8)
    out["bool"] = torch.tensor([True, False])
    out["empty"] = torch.zeros(0, 3)
    out._metadata = collections.OrderedDict({"": {"version": 1}})
    return out


def text(value):
    return b"U" + bytes([len(value)]) + value.encode()


def number(value):
    return b"J" + struct.pack("<i", value)


def storage(view):
    return (
        b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("17") + text("cpu")
        + b"\x8a\x01\x08" + view + b"tQ"
    )


def oldest():
    set_by_state = (
        b"ctorch\nFloatTensor\n)Rq\x01(" + storage(b"N") + number(2)
        + b"(K\x02K\x03t(K\x03K\x01ttb"
    )
    rebuilt = (
        b"ctorch._utils\n_rebuild_tensor\n("
        + storage(b"(" + text("18") + number(1) + number(4) + b"t")
        + b"K\x00(K\x02t(K\x02ttR"
    )
    no_hooks = b"ccollections\nOrderedDict\n)R"
    parameter = b"ctorch.nn.parameter\nParameter\n" + set_by_state + b"\x85R(\x88\x89" + no_hooks + b"tb"
    body = (
        b"\x80\x02ccollections\nOrderedDict\n](" + b"](" + text("parameter") + parameter + b"e"
        + b"](" + text("again") + b"h\x01e" + b"](" + text("rebuilt") + rebuilt + b"ee\x85R."
    )
    info = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
    with open("oldest.pth", "wb") as file:
        for value in (MAGIC, 1001, info):
            pickle.dump(value, file, 2)
        file.write(body)
        pickle.dump(["17"], file, 2)
        file.write(struct.pack("<q8f", 8, *range(8)))
    read = torch.load("oldest.pth", weights_only=False)
    assert read["parameter"].tolist() == [[2, 3, 4], [5, 6, 7]]
    assert read["again"].tolist() == [[2, 3, 4], [5, 6, 7]]
    assert read["rebuilt"].tolist() == [1, 3]


torch.save(state(), "zip.pth")
torch.save(state(), "legacy.pth", _use_new_zipfile_serialization=False)
oldest()
