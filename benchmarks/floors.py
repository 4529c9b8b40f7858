"""What an epoch's arithmetic alone would take at this machine's best, and moving the activations.

Arithmetic: the multiplications and additions of the convolutions, three times those of a forward
pass (less the first layer's input gradient), at the rate of a large matrix product. Memory: every
layer's output written and read once forwards, and read again and its gradient written and read
backwards, in bfloat16, at the rate of copying a large tensor.

    python benchmarks/floors.py                    # a minute; nothing else should run

Matrix products are MKL's, which MKL_ENABLE_INSTRUCTIONS=AVX2 makes an AVX2 one, beside the rest.
"""

from typing import Any

import torch
from torch import Tensor, nn

from common import THREADS, arguments, keep, median_seconds
from tinydigits.mnist.device import choose_precision
from tinydigits.mnist.model import Net

IMAGES = 60_000


def main() -> None:
    arguments(__doc__, shared=True).parse_args()
    torch.set_num_threads(THREADS)
    operations, values = work_of_a_forward_pass()
    training_operations = 3 * sum(operations) - operations[0]
    rates = {}
    native = choose_precision("auto", torch.device("cpu"))  # bfloat16 is emulated elsewhere
    for name, dtype in {
        "float32": torch.float32,
        str(native).removeprefix("torch."): native,
    }.items():
        a, b = (torch.randn(1024, 1024).to(dtype) for _ in range(2))
        rates[name] = 2 * 1024**3 / median_seconds(lambda a=a, b=b: a @ b)
    large, copied = torch.zeros(2, 64 << 20)
    copy_rate = 2 * large.numel() * 4 / median_seconds(lambda: copied.copy_(large))
    moved = 5 * 2 * sum(values)
    found: dict[str, Any] = {
        "training_operations_per_image": training_operations,
        "operations_per_second": rates,
        "bytes_moved_per_image": moved,
        "bytes_per_second": copy_rate,
        "arithmetic_seconds_per_epoch": {
            name: IMAGES * training_operations / rate for name, rate in rates.items()
        },
        "memory_seconds_per_epoch": IMAGES * moved / copy_rate,
    }
    keep("floors", found)


def work_of_a_forward_pass() -> tuple[list[int], list[int]]:
    """Per image: the operations of each convolution, and the values that each layer gives."""
    operations, values = [], []

    def look(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        values.append(output.numel())
        if isinstance(layer, nn.Conv2d):
            per_value = 2 * layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1]
            operations.append(output.numel() * per_value)

    net = Net().eval()
    for layer in net.layers:
        layer.register_forward_hook(look)
    net(torch.zeros(1, 1, 28, 28))
    return operations, values


if __name__ == "__main__":
    main()
