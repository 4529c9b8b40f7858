"""Train Net on 10,000 MNIST images twice: on our engine and in PyTorch, epoch by epoch in turn.

Both start from the same weights and see the same images in the same order; only the dropout masks
differ. Prints one line per epoch and writes results/engine.json: for each seed the test accuracy
after the last epoch, and the median seconds per epoch of both with their ratio. The settings were
chosen on the last 10,000 training images; the test set is scored once per run, at the end.

    python benchmarks/engine.py                    # three seeds, about 15 minutes
    python benchmarks/engine.py --seeds 1 --epochs 1
"""

import os
import statistics
import time

THREADS = 1  # for both; NumPy's matrix products read it when NumPy is first imported
os.environ.update({f"{library}_NUM_THREADS": str(THREADS) for library in ("OMP", "OPENBLAS")})

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from common import CORES, arguments, machine, save  # noqa: E402
from tinydigits.backprop import convnet  # noqa: E402
from tinydigits.backprop.sgd import SGD  # noqa: E402
from tinydigits.mnist.data import load_data  # noqa: E402
from tinydigits.mnist.model import Net as TorchNet  # noqa: E402

IMAGES, BATCH_SIZE, LEARNING_RATE, MOMENTUM = 10_000, 64, 0.05, 0.9


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how many runs")
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    data = load_data("mnist")
    train = (_pixels(data.train_images[:IMAGES]), data.train_labels[:IMAGES].numpy())
    test = (_pixels(data.test_images), data.test_labels.numpy())
    runs = [one_run(seed, options.epochs, train, test) for seed in range(options.seeds)]
    result = summarise(runs, options.epochs)
    save("engine", result)


def one_run(seed: int, epochs: int, train: tuple, test: tuple) -> dict:
    """Both networks from the same start; the seconds of each epoch and the final accuracies."""
    ours = convnet.Net(seed=seed)
    theirs = TorchNet()
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.state_dict().items()})
    torch.manual_seed(seed)
    our_optimizer = SGD(ours.parameters.values(), LEARNING_RATE, MOMENTUM)
    their_optimizer = torch.optim.SGD(theirs.parameters(), LEARNING_RATE, MOMENTUM)
    seconds: dict[str, list[float]] = {"engine": [], "pytorch": []}
    order = np.random.default_rng(seed)
    for epoch in range(epochs):
        permutation = order.permutation(len(train[1]))
        our_optimizer.learning_rate = LEARNING_RATE * (1 - epoch / epochs)
        their_optimizer.param_groups[0]["lr"] = our_optimizer.learning_rate
        started = time.perf_counter()
        loss = convnet.train_epoch(ours, our_optimizer, *train, permutation, BATCH_SIZE)
        middle = time.perf_counter()
        torch_epoch(theirs, their_optimizer, *train, permutation)
        seconds["engine"].append(middle - started)
        seconds["pytorch"].append(time.perf_counter() - middle)
        latest = ", ".join(f"{name} {values[-1]:.1f} s" for name, values in seconds.items())
        print(f"seed {seed} epoch {epoch + 1}: loss {loss:.4f}, {latest}", flush=True)
    accuracies = {"engine": convnet.accuracy(ours, *test), "pytorch": torch_accuracy(theirs, *test)}
    print(f"seed {seed}: test accuracy {accuracies}", flush=True)
    return {"seed": seed, "test_accuracy": accuracies, "epoch_seconds": seconds}


def torch_epoch(net: TorchNet, optimizer: torch.optim.SGD, images, labels, order) -> None:
    """The same work as convnet.train_epoch."""
    net.train()
    for start in range(0, len(order), BATCH_SIZE):
        batch = order[start : start + BATCH_SIZE]
        loss = F.nll_loss(net(torch.from_numpy(images[batch])), torch.from_numpy(labels[batch]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def torch_accuracy(net: TorchNet, images, labels) -> float:
    net.eval()
    with torch.inference_mode():
        read = [net(batch).argmax(1) for batch in torch.from_numpy(images).split(250)]
    return float((torch.cat(read).numpy() == labels).mean())


def summarise(runs: list[dict], epochs: int) -> dict:
    """Means over seeds for accuracies, medians over all epochs for times."""
    result: dict = {
        "task": f"Net, {IMAGES:,} MNIST training images, {epochs} epochs, batches of {BATCH_SIZE}, "
        f"SGD {LEARNING_RATE} falling linearly to 0, by epoch, momentum {MOMENTUM}, "
        "dropout 0.30",
        "conditions": f"{machine()['processor']}, {CORES} cores shared with other work, "
        f"{THREADS} thread each, engine and PyTorch in turn epoch by epoch",
        "versions": {**machine(), "numpy": np.__version__},
    }
    for name in ("engine", "pytorch"):
        accuracies = [run["test_accuracy"][name] for run in runs]
        result[name] = {
            "test_accuracy_mean": statistics.fmean(accuracies),
            "test_accuracy_std": statistics.stdev(accuracies) if len(runs) > 1 else None,
            "runs": len(runs),
            "seconds_per_epoch_median": median_seconds(runs, name),
        }
    result["ratio"] = median_seconds(runs, "engine") / median_seconds(runs, "pytorch")
    result["all_runs"] = runs
    return result


def median_seconds(runs: list[dict], name: str) -> float:
    return statistics.median(second for run in runs for second in run["epoch_seconds"][name])


def _pixels(images: torch.Tensor) -> np.ndarray:
    return images.numpy().astype(np.float32) / 255


if __name__ == "__main__":
    main()
