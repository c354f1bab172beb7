"""Writes small HDF5 files by h5py and Keras, in each of the forms they know, and what h5py reads from them:
python hdf5.py <folder for fixtures>

Needs h5py, keras and a backend of it; the tests need none of it.
"""
import json
import math
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import h5py
import keras
import numpy as np


def ramp(*shape, dtype="f4"):
    return (np.arange(math.prod(shape)).reshape(shape) * 0.25 - 3).astype(dtype)


def types(f):
    """One dataset of each type, with the attributes beside it."""
    for dtype in ["f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?", ">f4", ">i8", "c8", "S5", "V3"]:
        f.create_dataset(dtype.replace(">", "big-"), data=ramp(2, 3, dtype="f8").astype(dtype) if dtype[0] not in "SV" else np.zeros((2, 3), dtype))
    f.create_dataset("words", data=["one", "zwölf"], dtype=h5py.string_dtype())
    f.create_dataset("record", data=np.zeros(2, [("a", "f4"), ("b", "i2")]))
    f.create_dataset("scalar", data=np.float32(7.5))
    f.create_dataset("empty", data=np.zeros((3, 0), "f4"))
    f.create_dataset("null", data=h5py.Empty("f4"))
    f.create_dataset("unwritten", (4, 5), "f4")
    f.create_dataset("extended", data=np.float64(1), dtype=h5py.h5t.NATIVE_LDOUBLE)
    f["committed"] = np.dtype("f4")
    f.create_dataset("of committed", data=ramp(3), dtype=f["committed"])
    bits = ramp(3, 2).view("u4") >> 16
    f.create_dataset("bfloat16", data=bits.astype("u2").view("V2"))
    f["bfloat16"].attrs["dtype"] = "bfloat16"


def attributes(f):
    a = f.create_group("attributed").attrs
    a["text"] = "größer als 0"
    a["fixed"] = np.bytes_("fixed")
    a["fixed list"] = np.array([b"a", b"bcd", b""])
    a["list"] = ["layer_one", "", "größe"]
    a["bytes list"] = [b"kernel:0", b"bias:0"]
    a["integer"], a["float"], a["half"], a["big"], a["no"], a["yes"] = 42, 0.5, np.float16(1.5), np.array([1, -2], ">i4"), False, np.True_
    a["wide"] = np.int64(-2**53)
    a["matrix"] = np.arange(6, dtype="f4").reshape(2, 3)
    a["empty"], a["none"] = h5py.Empty("f4"), np.zeros(0, "i4")
    a["complex"] = 1 + 2j
    a.create("unsigned", 3, dtype="u8")


def many(f):
    """More links and attributes than a header keeps by itself."""
    g = f.create_group("many")
    g["first"] = ramp(3)
    for i in range(60):
        g[f"layer_{i}"] = g["first"]
    for i in range(12):
        g.attrs[f"attribute {i}"] = i
    g.attrs["long"] = np.bytes_("x" * 4200)


def links(f):
    f["kernel"] = ramp(2, 2)
    g = f.create_group("group")
    g["same"] = f["kernel"]
    g["soft"] = h5py.SoftLink("/kernel")
    g["relative"] = h5py.SoftLink("same")
    g["dangling"] = h5py.SoftLink("/nowhere")
    g["upwards"] = h5py.SoftLink("/group")
    g["elsewhere"] = h5py.ExternalLink("other.h5", "/kernel")
    f["again"] = g
    g["loop"] = f["/"]


def storage(f):
    pressed = ramp(20, 30) // 4
    f.create_dataset("gzip", data=pressed, compression="gzip", chunks=(8, 16))
    f.create_dataset("shuffle", data=pressed, compression="gzip", shuffle=True, chunks=(10, 30))
    f.create_dataset("chunks", data=pressed.astype("f2"), chunks=(16, 16))
    f.create_dataset("lzf", data=pressed, compression="lzf", chunks=(20, 30))
    f.create_dataset("holes", (9, 9), "f4", chunks=(5, 5))[5:, 5:] = 1
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2, 3)), properties).write(
        h5py.h5s.ALL, h5py.h5s.ALL, ramp(2, 3))
    f.create_dataset("outside", (4,), "f4", external=[("/dev/null", 0, 16)])
    layout = h5py.VirtualLayout((20, 30), "f4")
    layout[:] = h5py.VirtualSource(f["gzip"])
    f.create_virtual_dataset("virtual", layout)


def ordered(f):
    """Links in the order of their making."""
    g = f.create_group("ordered", track_order=True)
    for name in ["zero", "one", "two", "three"]:
        g.create_dataset(name, data=ramp(2))
    dense = f.create_group("dense", track_order=True)
    for i in range(20):
        dense[f"g{(7 * i) % 20}"] = g


def small_network(dtype):
    keras.backend.clear_session()
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, dtype=dtype)])


def network():
    keras.utils.set_random_seed(1)
    keras.backend.clear_session()
    x = keras.Input((4, 4, 3))
    y = keras.layers.Conv2D(2, 3, name="first")(x)
    y = keras.layers.BatchNormalization(name="norm")(y)
    return keras.Model(x, keras.layers.Dense(5, name="head")(y))


def pack(path, packed):
    """The same file with every dataset in chunks, through the filters that h5py's users ask for."""
    with h5py.File(path) as f, h5py.File(packed, "w") as g:
        def copy(name, item):
            target = g.require_group(name) if isinstance(item, h5py.Group) else g.create_dataset(name, data=item[()], chunks=tuple(
                max(1, n // 2 + 1) for n in item.shape), compression="gzip", shuffle=True) if item.shape else g.create_dataset(name, data=item[()])
            target.attrs.update(item.attrs)
        g.attrs.update(f.attrs)
        f.visititems(copy)


def plain(value):
    """What JSON can hold of an attribute or an array, flat."""
    if isinstance(value, h5py.Empty):
        return None
    array = np.asarray(value)
    if array.dtype.kind in "cV":
        return None
    scalars = [v.decode() if isinstance(v, bytes) else v.item() if isinstance(v, np.generic) else v for v in array.ravel().tolist()][:24]
    return scalars[0] if array.ndim == 0 else scalars


def described(h5):
    """All objects by all their hard links, as h5py reads them; a dataset that was met before is the path of that."""
    groups, datasets, first = {}, {}, {}

    def visit(group, path, above):
        groups[path] = {"children": [n for n in group if isinstance(group.get(n, getlink=True), h5py.HardLink)], "attributes": attributes_of(group)}
        for name in groups[path]["children"]:
            child, below = group[name], f"{path.rstrip('/')}/{name}"
            if isinstance(child, h5py.Group) and child not in above:
                visit(child, below, [*above, child])
            elif isinstance(child, h5py.Dataset):
                known = first.setdefault(h5py.h5o.get_info(child.id).addr, below)
                datasets[below] = describe(child) if known == below else known
    visit(h5["/"], "/", [h5["/"]])
    return {"groups": groups, "datasets": datasets}


def attributes_of(item):
    return {name: plain(item.attrs[name]) for name in item.attrs}


def describe(dataset):
    offset = dataset.id.get_offset()
    values = None
    if dataset.shape is not None and dataset.dtype.kind in "fiub" and not dataset.external:
        values = plain(dataset[()].astype("f8"))
        values = values if isinstance(values, list) else [values]
    return {"dtype": str(dataset.dtype), "shape": dataset.shape, "offset": offset, "values": values, "attributes": attributes_of(dataset)}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    def write(name, *parts, **options):
        with h5py.File(folder / name, "w", **options) as f:
            for part in parts:
                part(f)

    write("types.h5", types)
    write("attributes.h5", attributes, many)
    write("links.h5", links)
    write("storage.h5", storage)
    write("latest.h5", attributes, many, links, ordered, libver="latest")
    write("latest-storage.h5", storage, libver="latest")
    write("v108.h5", links, ordered, libver=("v108", "v108"))
    write("userblock.h5", links, userblock_size=1024)
    network().save(folder / "network.h5")
    pack(folder / "network.h5", folder / "packed.h5")
    small_network("bfloat16").save(folder / "bfloat16.keras")
    small_network("float16").save_weights(folder / "float16.weights.h5")
    golden = {}
    for path in sorted(folder.glob("*")):
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                data = BytesIO(archive.read("model.weights.h5"))
        elif path.suffix == ".h5":
            data = path
        else:
            continue
        with h5py.File(data) as h5:
            golden[path.name] = described(h5)
    (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False, separators=(",", ":")) + "\n")


main()
