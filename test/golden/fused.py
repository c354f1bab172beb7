"""Operators that the project puts together from others, in PyTorch: ONNX's functions, and those of ONNX Runtime's ContribOperators.md."""
import torch
import torch.nn.functional as F

MICROSOFT = "com.microsoft"
ACTIVATIONS = {
    "": lambda x, p: x, "Relu": lambda x, p: F.relu(x), "Tanh": lambda x, p: torch.tanh(x), "Sigmoid": lambda x, p: torch.sigmoid(x),
    "LeakyRelu": lambda x, p: F.leaky_relu(x, p[0]), "Clip": lambda x, p: x.clamp(p[0], p[1]),
    "HardSigmoid": lambda x, p: (p[0] * x + p[1]).clamp(0, 1), "Elu": lambda x, p: F.elu(x, p[0]),
}


def moved(node, x, which):
    if node.get(f"transBatch{which}") and x.dim() > 2:
        x = x.movedim(0, -2)
    return x.mT if node.get(f"trans{which}") else x


def fused_matmul(node, a, b):
    return node.get("alpha", 1.0) * (moved(node, a, "A") @ moved(node, b, "B"))


def fused_conv(node, x, w, b=None, z=None):
    padding = node.get("pads", [0, 0, 0, 0])[:2]
    y = F.conv2d(x, w, b, padding=padding, groups=node.get("group", 1))
    return ACTIVATIONS[node.get("activation", "")](y if z is None else y + z, node.get("activation_params", []))


def fused_gemm(node, a, b, c=None):
    y = node.get("alpha", 1.0) * (a @ (b.T if node.get("transB") else b))
    y = y if c is None else y + node.get("beta", 1.0) * c
    return ACTIVATIONS[node.get("activation", "")](y, [node.get("activation_alpha", 0.0)])


def rms(node, x, scale, statistics=False):
    axis = node.get("axis", -1) % x.dim()
    inverse = torch.rsqrt((x * x).mean(tuple(range(axis, x.dim())), keepdim=True) + node.get("epsilon", 1e-5))
    return (x * inverse * scale, inverse) if statistics else x * inverse * scale


def skip_norm(node, x, skip, gamma, beta=None, bias=None):
    total = x + skip if bias is None else x + skip + bias
    y = F.layer_norm(total, total.shape[-1:], gamma, beta, node["epsilon"])
    return y, None, None, total


def skip_rms(node, x, skip, gamma, bias=None):
    total = x + skip if bias is None else x + skip + bias
    return rms(node, total, gamma), None, None, total


def embed(node, ids, segments, words, positions, kinds=None, gamma=None, beta=None, mask=None, places=None):
    total = words[ids] + (positions[:ids.shape[1]] if places is None else positions[places])
    total = total if segments is None else total + kinds[segments]
    counts = torch.zeros(len(ids), dtype=torch.int32) if mask is None else mask.sum(1)
    return F.layer_norm(total, total.shape[-1:], gamma, beta, node["epsilon"]), counts, total


def rotate(x, cos, sin, size, interleaved):
    """x [..., D] as complex numbers times cos + i sin."""
    turning, rest = x[..., :size], x[..., size:]
    pairs = turning.unflatten(-1, (-1, 2)) if interleaved else turning.unflatten(-1, (2, -1)).mT
    turned = torch.view_as_real(torch.view_as_complex(pairs.contiguous()) * torch.complex(cos, sin))
    return torch.cat([turned.flatten(-2) if interleaved else turned.mT.flatten(-2), rest], -1)


def rotary(node, x, cos, sin, places, heads):
    size = node.get("rotary_embedding_dim", 0)
    by_head = x if x.dim() == 4 else x.unflatten(-1, (heads, -1)).transpose(1, 2)
    cos, sin = (t if places is None else t[places] for t in (cos, sin))
    y = rotate(by_head, cos.unsqueeze(1), sin.unsqueeze(1), size or by_head.shape[-1], node.get("interleaved", 0))
    return y if x.dim() == 4 else y.transpose(1, 2).flatten(-2)


def contributed_rotary(node, x, places, cos, sin):
    tokens = x.shape[-2]
    places = places + torch.arange(tokens).unsqueeze(0) if places.dim() == 1 else places
    return rotary(node, x, cos, sin, places, node.get("num_heads", 0) or x.shape[-1] // (2 * cos.shape[-1]))


def attend(q, k, v, scale, allowed=(), added=(), cap=0.0, sink=None):
    """q [B, N, S, D], k and v [B, K, T, D]; `allowed`: pairs of truth values and what is added where they are false."""
    k, v = (t.repeat_interleave(q.shape[1] // t.shape[1], 1) for t in (k, v))
    scores = torch.einsum("bnsd,bntd->bnst", q, k) * scale
    scores = cap * torch.tanh(scores / cap) if cap else scores
    for term in added:
        scores = scores + term
    for truth, low in allowed:
        scores = torch.where(truth, scores, scores + low)
    if sink is not None:
        scores = torch.cat([scores, sink.expand(*scores.shape[:-1], 1)], -1)
    weights = scores.softmax(-1)[..., :k.shape[2]]
    return torch.einsum("bnst,bntd->bnsd", weights, v), weights


def heads(x, count):
    return x.unflatten(-1, (count, -1)).transpose(1, 2)


def causal(queries, keys):
    return torch.ones(queries, keys).tril(keys - queries).bool()


def joined(y):
    return y.transpose(1, 2).flatten(-2)


def behind(past, now):
    return now if past is None else torch.cat([past, now], 2)


NEVER = -float("inf")


def attention(node, q, k, v, mask=None, past_k=None, past_v=None, lengths=None):
    flat = q.dim() == 3
    if flat:
        q, k, v = heads(q, node["q_num_heads"]), heads(k, node["kv_num_heads"]), heads(v, node["kv_num_heads"])
    k, v = behind(past_k, k), behind(past_v, v)
    allowed = [(causal(q.shape[2], k.shape[2]), NEVER)] if node.get("is_causal") else []
    if mask is not None and mask.dtype == torch.bool:
        allowed.append((mask, NEVER))
    if lengths is not None:
        allowed.append((torch.arange(k.shape[2]) < lengths.reshape(-1, 1, 1, 1), NEVER))
    added = [mask] if mask is not None and mask.dtype != torch.bool else []
    y, weights = attend(q, k, v, node.get("scale", q.shape[-1] ** -0.5), allowed, added, node.get("softcap", 0.0))
    return joined(y) if flat else y, k, v, weights


def padding(mask, batch, keys):
    if mask.dim() > 1:
        return (mask if mask.dim() == 3 else mask.unsqueeze(1)).unsqueeze(1) > 0
    place = torch.arange(keys)
    inside = place < mask[:batch].reshape(-1, 1, 1, 1)
    return inside if len(mask) == batch else inside & (place >= mask[batch:].reshape(-1, 1, 1, 1))


def masked_attention(node, q, k, v, mask, bias):
    queries, keys = q.shape[2], k.shape[2]
    allowed = [] if mask is None else [(padding(mask, len(q), keys), node.get("mask_filter_value", -10000.0))]
    if node.get("unidirectional"):
        allowed.append((causal(queries, keys), NEVER))
    return joined(attend(q, k, v, node.get("scale", q.shape[-1] ** -0.5), allowed, [] if bias is None else [bias])[0])


def packed_attention(node, x, weights, bias=None, mask=None, past=None, score_bias=None):
    third = weights.shape[1] // 3
    product = x @ weights if bias is None else x @ weights + bias
    q, k, v = (heads(part, node["num_heads"]) for part in product.split(node.get("qkv_hidden_sizes", [third] * 3), -1))
    if past is not None:
        k, v = behind(past[0], k), behind(past[1], v)
    return masked_attention(node, q, k, v, mask, score_bias), None if q.shape[-1] != v.shape[-1] else torch.stack([k, v])


def multi_head(node, q, k=None, v=None, bias=None, mask=None, score_bias=None, past_k=None, past_v=None):
    count = node["num_heads"]
    if k is None:
        q, k, v = (t.transpose(1, 2) for t in q.unbind(3))
    elif v is None:
        q, (k, v) = heads(q, count), (t.transpose(1, 2) for t in k.unbind(3))
    elif k.dim() == 4:
        q = heads(q, count)
    else:
        parts = (0, 0, 0) if bias is None else bias.split([q.shape[-1], k.shape[-1], v.shape[-1]])
        q, k, v = (heads(t + part, count) for t, part in zip((q, k, v), parts))
    k, v = behind(past_k, k), behind(past_v, v)
    return masked_attention(node, q, k, v, mask, score_bias), k, v


def group_query(node, q, k=None, v=None, past_k=None, past_v=None, lengths=None, total=None, cos=None, sin=None, places=None, bias=None, sink=None):
    count, shared = node["num_heads"], node["kv_num_heads"]
    if k is None:
        size = q.shape[-1] // (count + 2 * shared)
        q, k, v = q.split([count * size, shared * size, shared * size], -1)
    q, k, v = heads(q, count), heads(k, shared), heads(v, shared)
    before = 0 if past_k is None else past_k.shape[2]
    if node.get("do_rotary"):
        places = torch.arange(before, before + q.shape[2]).unsqueeze(0) if places is None else places
        q, k = (rotate(t, cos[places].unsqueeze(1), sin[places].unsqueeze(1), 2 * cos.shape[1], node.get("rotary_interleaved", 0)) for t in (q, k))
    k, v = behind(past_k, k), behind(past_v, v)
    seen = causal(q.shape[2], k.shape[2])
    if node.get("local_window_size", -1) > 0:
        seen = seen & ~torch.ones_like(seen).tril(k.shape[2] - q.shape[2] - node["local_window_size"])
    sink = torch.zeros(1, dtype=q.dtype) if node.get("smooth_softmax") else sink
    y, _ = attend(q, k, v, node.get("scale", q.shape[-1] ** -0.5), [(seen, NEVER)], [] if bias is None else [bias], node.get("softcap", 0.0),
                  None if sink is None else sink.reshape(1, -1, 1, 1))
    return joined(y), k, v


def loss(node, log_probabilities, labels, weights=None):
    """torch.nn.functional.nll_loss, but for the gradient of the weights, which it has none of."""
    counts = labels != node.get("ignore_index", -100)
    chosen = torch.where(counts, labels, 0)
    weight = torch.where(counts, torch.ones(labels.shape) if weights is None else weights[chosen], 0.0)
    losses = -log_probabilities.gather(1, chosen.unsqueeze(1)).squeeze(1) * weight
    return {"none": losses, "sum": losses.sum(), "mean": losses.sum() / weight.sum()}[node.get("reduction", "mean")]


def cross_entropy(node, scores, labels, weights=None):
    log_probabilities = F.log_softmax(scores, 1)
    return loss(node, log_probabilities, labels, weights), log_probabilities


def gated(node, x, bias):
    left, right = (x + bias).chunk(2, -1)
    return left * F.gelu(right)


def causal_conv(node, x, w, bias=None, past=None):
    padded = F.pad(x, (w.shape[-1] - 1, 0)) if past is None else torch.cat([past, x], -1)
    y = F.conv1d(padded, w, bias, groups=len(w))
    y = F.silu(y) if node.get("activation", "none") == "silu" else y
    return y, padded[..., x.shape[-1]:]


def normalizer(node, x):
    sizes = {"L1": lambda: x.abs().sum(-1, True), "L2": lambda: x.square().sum(-1, True).sqrt(), "MAX": lambda: x.amax(-1, True)}
    return x / sizes[node.get("norm", "MAX")]()


FUSED = {
    "ai.onnx.ml.Scaler": lambda node, x: (x - torch.tensor(node["offset"])) * torch.tensor(node["scale"]), "ai.onnx.ml.Normalizer": normalizer,
    "ai.onnx.ml.ArrayFeatureExtractor": lambda node, x, places: x.reshape(-1, x.shape[-1])[:, places.flatten()],
    "SwiGLU": lambda node, a, b: a * torch.sigmoid(node.get("alpha", 1.0) * a) * b, "CausalConvWithState": causal_conv,
    "Swish": lambda node, x: x * torch.sigmoid(node.get("alpha", 1.0) * x), "RMSNormalization": rms,
    "SimplifiedLayerNormalization": lambda node, x, scale: rms(node, x, scale, statistics=True),
    "RotaryEmbedding": lambda node, x, cos, sin, places=None: rotary(node, x, cos, sin, places, node.get("num_heads", 1)),
    "Attention": attention, "SoftmaxCrossEntropyLoss": cross_entropy, "NegativeLogLikelihoodLoss": loss,
    **{f"{MICROSOFT}.{op}": run for op, run in {
        "QuickGelu": lambda node, x: x * torch.sigmoid(node.get("alpha", 1.702) * x), "Gelu": lambda node, x: F.gelu(x),
        "FastGelu": lambda node, x, bias=None: F.gelu(x if bias is None else x + bias, approximate="tanh"),
        "BiasGelu": lambda node, x, bias: F.gelu(x + bias), "BiasSplitGelu": gated, "BiasAdd": lambda node, x, bias, skip: x + bias + skip,
        "FusedMatMul": fused_matmul, "TransposeMatMul": fused_matmul, "FusedConv": fused_conv, "FusedGemm": fused_gemm,
        "SkipLayerNormalization": skip_norm, "SkipSimplifiedLayerNormalization": skip_rms, "EmbedLayerNormalization": embed,
        "RotaryEmbedding": contributed_rotary, "Attention": packed_attention, "MultiHeadAttention": multi_head, "GroupQueryAttention": group_query,
    }.items()},
}
