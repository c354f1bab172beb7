"""Operators of ONNX that move elements, in PyTorch, from their specification."""
import torch


def gather_elements(node, x, indices):
    axis = node.get("axis", 0) % x.dim()
    return x.gather(axis, indices % x.shape[axis])


def gather_nd(node, x, indices):
    batch = node.get("batch_dims", 0)
    if batch:
        return torch.stack([gather_nd({"batch_dims": batch - 1}, row, at) for row, at in zip(x, indices)])
    return x[tuple(indices.movedim(-1, 0))]


def reduced(reduction, old, new):
    return {"none": lambda: new, "add": lambda: old + new, "mul": lambda: old * new,
            "max": lambda: torch.maximum(old, new), "min": lambda: torch.minimum(old, new)}[reduction]()


def scattered(x, flat, updates, reduction):
    """One update after the other, each to the element of x with that flat index."""
    elements = list(x.flatten().unbind())
    for at, update in zip(flat.flatten().tolist(), updates.flatten().unbind()):
        elements[at] = reduced(reduction, elements[at], update)
    return torch.stack(elements).reshape(x.shape)


def scatter_elements(node, x, indices, updates):
    axis = node.get("axis", 0) % x.dim()
    grid = list(torch.meshgrid(*(torch.arange(n) for n in indices.shape), indexing="ij"))
    grid[axis] = indices % x.shape[axis]
    return scattered(x, torch.arange(x.numel()).reshape(x.shape)[tuple(grid)], updates, node.get("reduction", "none"))


def scatter_nd(node, x, indices, updates):
    flat = gather_nd({}, torch.arange(x.numel()).reshape(x.shape), indices)
    return scattered(x, flat, updates, node.get("reduction", "none"))


def top_k(node, x, k):
    return torch.topk(x, int(k), node.get("axis", -1), node.get("largest", 1) == 1)


def depth_to_space(node, x):
    n, c, h, w = x.shape
    b = node["blocksize"]
    if node.get("mode", "DCR") == "CRD":
        return torch.nn.functional.pixel_shuffle(x, b)
    return x.reshape(n, b, b, c // b**2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // b**2, h * b, w * b)


def space_to_depth(node, x):
    n, c, h, w = x.shape
    b = node["blocksize"]
    return x.reshape(n, c, h // b, b, w // b, b).permute(0, 3, 5, 1, 2, 4).reshape(n, c * b * b, h // b, w // b)


def reverse_sequence(node, x, lengths):
    batch, time = node.get("batch_axis", 1), node.get("time_axis", 0)
    rows = []
    for row, length in zip(x.unbind(batch), lengths.tolist()):
        axis = time - (time > batch)
        order = torch.tensor(list(reversed(range(length))) + list(range(length, row.shape[axis])))
        rows.append(row.index_select(axis, order))
    return torch.stack(rows, batch)


def trilu(node, x, k=None):
    run = torch.triu if node.get("upper", 1) else torch.tril
    return run(x, 0 if k is None else int(k))


def compress(node, x, condition):
    axis = node.get("axis")
    x, axis = (x.flatten(), 0) if axis is None else (x, axis)
    return x.index_select(axis, torch.tensor([i for i, flag in enumerate(condition.tolist()) if flag]))


def unique(node, x):
    """Of elements that are all distinct."""
    axis = node.get("axis")
    x, axis = (x.flatten(), 0) if axis is None else (x, axis)
    keys = [tuple(part.flatten().tolist()) for part in x.unbind(axis)]
    order = sorted(range(len(keys)), key=lambda i: keys[i]) if node.get("sorted", 1) else range(len(keys))
    return x.index_select(axis, torch.tensor(list(order)))


def cumulative_sum(node, x, axis):
    axis = int(axis)
    x = x.flip(axis) if node.get("reverse", 0) else x
    y = x.cumsum(axis) - (x if node.get("exclusive", 0) else 0)
    return y.flip(axis) if node.get("reverse", 0) else y


MOVING = {
    "GatherElements": gather_elements, "GatherND": gather_nd, "ScatterElements": scatter_elements, "ScatterND": scatter_nd, "TopK": top_k,
    "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth, "ReverseSequence": reverse_sequence, "Trilu": trilu, "Compress": compress,
    "CumSum": cumulative_sum, "Unique": unique,
}
