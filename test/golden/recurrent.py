"""LSTM, GRU and RNN of ONNX in PyTorch, step by step as their specification writes them."""
import torch
import torch.nn.functional as F

#: By name: the function, and the defaults of alpha and beta, None where it has none.
ACTIVATIONS = {
    "Tanh": (lambda x, a, b: torch.tanh(x), None, None),
    "Sigmoid": (lambda x, a, b: torch.sigmoid(x), None, None),
    "Relu": (lambda x, a, b: F.relu(x), None, None),
    "LeakyRelu": (lambda x, a, b: F.leaky_relu(x, a), 0.01, None),
    "ThresholdedRelu": (lambda x, a, b: torch.where(x > a, x, 0), 1.0, None),
    "Elu": (lambda x, a, b: F.elu(x, a), 1.0, None),
    "HardSigmoid": (lambda x, a, b: torch.clamp(a * x + b, 0, 1), 0.2, 0.5),
    "Softsign": (lambda x, a, b: F.softsign(x), None, None),
    "Softplus": (lambda x, a, b: F.softplus(x), None, None),
    "ScaledTanh": (lambda x, a, b: a * torch.tanh(b * x), 1.0, 1.0),
    "Affine": (lambda x, a, b: a * x + b, 1.0, 0.0),
}


def activations(node, usual, directions):
    """By direction; clip bounds what goes into an activation of a gate."""
    alphas, betas = list(node.get("activation_alpha", [])), list(node.get("activation_beta", []))
    bound = node.get("clip")

    def bind(name):
        run, alpha, beta = ACTIVATIONS[name]
        alpha = alphas.pop(0) if alpha is not None and alphas else alpha
        beta = betas.pop(0) if beta is not None and betas else beta
        return lambda x, clip=True: run(x if bound is None or not clip else torch.clamp(x, -bound, bound), alpha, beta)

    bound_functions = [bind(name) for name in node.get("activations", usual * directions)]
    size = len(bound_functions) // directions
    return [bound_functions[i * size:(i + 1) * size] for i in range(directions)]


def rnn_step(node, functions, w, r, bw, br, p):
    (f,) = functions

    def step(x, h):
        return (f(x @ w.T + h @ r.T + bw + br),)
    return step


def gru_step(node, functions, w, r, bw, br, p):
    f, g = functions
    (wz, wr, wh), (rz, rr, rh) = w.chunk(3), r.chunk(3)
    (wbz, wbr, wbh), (rbz, rbr, rbh) = bw.chunk(3), br.chunk(3)

    def step(x, h):
        z = f(x @ wz.T + h @ rz.T + wbz + rbz)
        reset = f(x @ wr.T + h @ rr.T + wbr + rbr)
        if node.get("linear_before_reset", 0):
            n = g(x @ wh.T + reset * (h @ rh.T + rbh) + wbh)
        else:
            n = g(x @ wh.T + (reset * h) @ rh.T + rbh + wbh)
        return ((1 - z) * n + z * h,)
    return step


def lstm_step(node, functions, w, r, bw, br, p):
    f, g, last = functions
    (wi, wo, wf, wc), (ri, ro, rf, rc) = w.chunk(4), r.chunk(4)
    bi, bo, bf, bc = (bw + br).chunk(4)
    pi, po, pf = p.chunk(3)

    def step(x, h, c):
        i = f(x @ wi.T + h @ ri.T + pi * c + bi)
        forget = 1 - i if node.get("input_forget", 0) else f(x @ wf.T + h @ rf.T + pf * c + bf)
        c = forget * c + i * g(x @ wc.T + h @ rc.T + bc)
        o = f(x @ wo.T + h @ ro.T + po * c + bo)
        return o * last(c, clip=False), c
    return step


def recurrent(make_step, gates, states, usual):
    def run(node, x, w, r, b=None, lens=None, *initial):
        *initial, p = [*initial, *[None] * (states + 1 - len(initial))]
        steps, batch, _ = x.shape
        directions, _, hidden = r.shape
        b = x.new_zeros(directions, 2 * gates * hidden) if b is None else b
        p = x.new_zeros(directions, 3 * hidden) if p is None else p
        lens = torch.full((batch,), steps) if lens is None else lens
        zeros = x.new_zeros(directions, batch, hidden)
        outputs, lasts = [], []
        for d, functions in enumerate(activations(node, usual, directions)):
            step = make_step(node, functions, w[d], r[d], *b[d].chunk(2), p[d])
            reverse = d == 1 or node.get("direction") == "reverse"
            state = tuple((zeros if given is None else given)[d] for given in initial)
            ys = [None] * steps
            for t in reversed(range(steps)) if reverse else range(steps):
                valid = (t < lens).unsqueeze(1)
                state = tuple(torch.where(valid, new, old) for new, old in zip(step(x[t], *state), state))
                ys[t] = torch.where(valid, state[0], 0)
            outputs.append(torch.stack(ys))
            lasts.append(state)
        return torch.stack(outputs, 1), *(torch.stack(last) for last in zip(*lasts))
    return run


RECURRENT = {
    "RNN": recurrent(rnn_step, 1, 1, ["Tanh"]),
    "GRU": recurrent(gru_step, 3, 1, ["Sigmoid", "Tanh"]),
    "LSTM": recurrent(lstm_step, 4, 2, ["Sigmoid", "Tanh", "Tanh"]),
}
