"""Net on the engine against the PyTorch Net: same file, same numbers, same training."""

import contextlib

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tinydigits.backprop import layers
from tinydigits.backprop.convnet import PARAMETERS, Net, accuracy, train_epoch
from tinydigits.backprop.sgd import SGD
from tinydigits.errors import TinydigitsError

with contextlib.suppress(ModuleNotFoundError):  # what compares with PyTorch skips without it
    import safetensors.torch
    import torch
    from torch.nn import functional as F

    from tinydigits.mnist.model import Net as TorchNet


def twins(dropout=0.30):
    """Both networks in float64 with the same weights and, in training, the same dropout masks."""
    pytest.importorskip("torch")

    class SharedDropout(torch.nn.Module):
        """Dropout that draws its masks as the engine does, from a NumPy generator."""

        def __init__(self, probability, generator):
            super().__init__()
            self.probability, self.generator = probability, generator

        def forward(self, x):
            if not self.training:
                return x
            ones = layers.Tensor(np.ones(x.shape))
            return x * torch.from_numpy(layers.dropout(ones, self.probability, self.generator).data)

    torch.manual_seed(1)
    theirs = TorchNet(dropout)
    for name, value in theirs.named_buffers():  # statistics as if trained
        if "running" in name:
            value += torch.rand_like(value) / 2
    ours = Net(dropout, dtype=np.float64)
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    ours.generator = np.random.default_rng(7)
    shared = np.random.default_rng(7)
    theirs.layers[8] = SharedDropout(dropout, shared)
    theirs.layers[16] = SharedDropout(dropout, shared)
    return ours, theirs.double()


def log_probs(net, images):
    """Net.forward without its cast to float32, which mixed precision needs."""
    scores = net.layers((torch.from_numpy(images) - net.mean) / net.std)
    return F.log_softmax(scores.flatten(1), dim=1)


def batch(seed, size=8):
    generator = np.random.default_rng(seed)
    return generator.random((size, 1, 28, 28)), generator.integers(0, 10, size)


def assert_same_state(ours, theirs, **tolerance):
    found = {name: tensor.data for name, tensor in ours.parameters.items()} | ours.buffers
    expected = theirs.state_dict()
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value.numpy(), err_msg=name, **tolerance)


def test_outputs_loss_gradients_and_running_statistics_in_training():
    ours, theirs = twins()
    images, labels = batch(0)
    our_result, their_result = ours(images, training=True), log_probs(theirs, images)
    np.testing.assert_allclose(our_result.data, their_result.detach().numpy(), rtol=1e-10)
    our_loss = layers.nll_loss(our_result, labels)
    their_loss = F.nll_loss(their_result, torch.from_numpy(labels))
    assert float(our_loss.data) == pytest.approx(their_loss.item(), rel=1e-10)
    our_loss.backward()
    their_loss.backward()
    compared = 0
    for name, parameter in theirs.named_parameters():
        expected = parameter.grad.numpy()
        # Relative to the tensor's largest gradient: single elements cancel to almost nothing.
        error = np.abs(ours.parameters[name].grad - expected).max() / np.abs(expected).max()
        assert error < 1e-10, name
        compared += expected.size
    assert compared == PARAMETERS == 17_466
    assert_same_state(ours, theirs, rtol=1e-10)


def test_outputs_in_use():
    ours, theirs = twins()
    theirs.eval()
    images, _ = batch(1)
    np.testing.assert_allclose(
        ours(images).data, log_probs(theirs, images).detach().numpy(), rtol=1e-10
    )


def test_twenty_steps_with_momentum_and_shared_dropout():
    ours, theirs = twins()
    start = ours.state_dict()
    our_steps = SGD(ours.parameters.values(), 0.05, 0.9)
    their_steps = torch.optim.SGD(theirs.parameters(), 0.05, 0.9)
    for step in range(20):
        images, labels = batch(step)
        our_steps.zero_grad()
        layers.nll_loss(ours(images, training=True), labels).backward()
        our_steps.step()
        their_steps.zero_grad()
        F.nll_loss(log_probs(theirs, images), torch.from_numpy(labels)).backward()
        their_steps.step()
    assert_same_state(ours, theirs, rtol=0, atol=1e-8)
    assert ours.buffers["layers.2.num_batches_tracked"] == 20
    assert not np.allclose(ours.state_dict()["layers.0.weight"], start["layers.0.weight"])


def test_reads_the_file_of_the_pytorch_network_and_writes_the_same(tmp_path):
    pytest.importorskip("torch")
    theirs = TorchNet()
    safetensors.torch.save_file(theirs.state_dict(), tmp_path / "torch.safetensors", {"run": "x"})
    ours = Net(seed=5)
    ours.load(tmp_path / "torch.safetensors")
    ours.save(tmp_path / "ours.safetensors")
    written = load_file(tmp_path / "ours.safetensors")
    for name, expected in load_file(tmp_path / "torch.safetensors").items():
        assert written[name].dtype == expected.dtype
        np.testing.assert_array_equal(written.pop(name), expected)
    assert not written


def test_files_that_hold_something_else(tmp_path):
    path = tmp_path / "wrong.safetensors"
    path.write_bytes(b"no weights")
    with pytest.raises(TinydigitsError, match=r"wrong\.safetensors is not a safetensors file"):
        Net().load(path)
    save_file({"a": np.zeros(1, np.float32)}, path)
    with pytest.raises(TinydigitsError, match="not the weights of Net: missing or unknown a, "):
        Net().load(path)
    save_file(Net().state_dict() | {"layers.0.bias": np.zeros(3, np.float32)}, path)
    with pytest.raises(
        TinydigitsError, match=r"layers.0.bias should have shape \(16,\), not \(3,\)"
    ):
        Net().load(path)
    with pytest.raises(FileNotFoundError):
        Net().load(tmp_path / "missing.safetensors")


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"expected images of shape \(N, 1, 28, 28\)"):
        Net()(np.zeros((2, 28, 28)))


def test_the_same_seed_gives_the_same_weights_within_pytorchs_bounds():
    pytest.importorskip("torch")
    first, second, other = Net(seed=1), Net(seed=1), Net(seed=2)
    for name, tensor in first.parameters.items():
        np.testing.assert_array_equal(tensor.data, second.parameters[name].data)
    weights = first.parameters["layers.3.weight"].data
    assert not np.array_equal(weights, other.parameters["layers.3.weight"].data)
    expected = TorchNet().layers[3].weight.detach().numpy()
    assert weights.std() == pytest.approx(expected.std(), rel=0.05)
    assert np.abs(weights).max() <= 1 / 12


def test_training_learns_to_tell_stripes_apart():
    labels = np.arange(48) % 2
    images = np.zeros((48, 1, 28, 28), np.float32)
    images[labels == 0, 0, ::4] = 1  # lying
    images[labels == 1, 0, :, ::4] = 1  # standing
    images *= np.random.default_rng(0).random((48, 1, 28, 28), np.float32)
    net, seen = Net(dropout=0.1), []
    optimizer = SGD(net.parameters.values(), 0.05, 0.9)
    order = np.random.default_rng(1).permutation(48)
    for _ in range(12):
        loss = train_epoch(
            net, optimizer, images, labels, order, 16, lambda step, loss: seen.append((step, loss))
        )
    assert loss < 0.2 < seen[0][1]
    assert [step for step, _ in seen[:4]] == [0, 1, 2, 0]
    assert loss == pytest.approx(np.mean([each for _, each in seen[-3:]]))
    assert accuracy(net, images, labels, 7) == 1
