"""Reverse-mode automatic differentiation: back propagation over arrays, for any formula.

A `Tensor` is an array that remembers how it was made. Each operation records, for every tensor it
used, one function: given the gradient of the error along the result, it returns the gradient along
that tensor. `backward` walks these records from the error back to the start, which is the chain
rule. The same steps as in `example.py`, where they are done by hand for one network.

Every tensor between the error and the start keeps its gradient in `grad`, so that one can look at
the error that reaches a hidden unit. (In PyTorch only the leaves do, the tensors that you made
yourself, and the others if `retain_grad` asks for it.) Gradients add up over calls of `backward`
until you set `grad` to None.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
# One tensor that an operation used, and the way back to it.
Edge = tuple["Tensor", Callable[[Array], Array]]
Axes = int | tuple[int, ...] | None


class Tensor:
    """An array with the record of how it was made.

    Args:
        data: the values; floating point if a gradient is wanted.
        edges: what it was made from; given by operations, not by users.
        requires_grad: whether `backward` shall find the gradient of this leaf.
    """

    __slots__ = ("data", "edges", "grad", "requires_grad")
    __array_ufunc__ = None  # so that `array + tensor` asks the tensor, not the array

    def __init__(self, data: ArrayLike, *edges: Edge, requires_grad: bool = False) -> None:
        self.data: Array = np.asarray(data)
        self.edges = tuple(edge for edge in edges if edge[0].requires_grad)
        self.requires_grad: bool = requires_grad or bool(self.edges)
        self.grad: Array | None = None

    def backward(self) -> None:
        """Add the gradient of this single number along each tensor behind it to that one's `grad`.

        Raises:
            ValueError: this tensor has more than one element.
        """
        if self.data.size != 1:
            raise ValueError(f"backward starts from a single number, not from shape {self.shape}")
        gradients = {id(self): np.ones_like(self.data)}
        for node in reversed(_in_order(self)):
            gradient = gradients.pop(id(node))
            node._keep(gradient)
            for source, way_back in node.edges:
                part = _unbroadcast(way_back(gradient), source.shape)
                known = gradients.get(id(source))
                gradients[id(source)] = part if known is None else known + part

    def _keep(self, gradient: Array) -> None:
        if self.grad is not None:
            self.grad = self.grad + gradient
        else:  # a leaf's is its own, to change in place; between, tensors may share one array
            self.grad = gradient if self.edges else np.array(gradient)

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return self.data.shape

    def __repr__(self) -> str:
        return f"Tensor({self.data}, requires_grad={self.requires_grad})"

    # --- Arithmetic, element by element, with NumPy's broadcasting ---

    def __add__(self, other: "Tensor | ArrayLike") -> "Tensor":
        other = self._like(other)
        return Tensor(self.data + other.data, (self, lambda g: g), (other, lambda g: g))

    def __mul__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, self._like(other)
        return Tensor(a.data * b.data, (a, lambda g: g * b.data), (b, lambda g: g * a.data))

    def __pow__(self, power: float) -> "Tensor":
        x = self.data
        return Tensor(x**power, (self, lambda g: g * (power * x ** (power - 1))))

    def __neg__(self) -> "Tensor":
        return Tensor(-self.data, (self, lambda g: -g))

    def __sub__(self, other: "Tensor | ArrayLike") -> "Tensor":
        return self + -self._like(other)

    def __truediv__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, self._like(other)
        ratio = a.data / b.data
        return Tensor(ratio, (a, lambda g: g / b.data), (b, lambda g: -g * ratio / b.data))

    def __rsub__(self, other: ArrayLike) -> "Tensor":
        return self._like(other) - self

    def __rtruediv__(self, other: ArrayLike) -> "Tensor":
        return self._like(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def exp(self) -> "Tensor":
        """Each element as the power of e."""
        result = np.exp(self.data)
        return Tensor(result, (self, lambda g: g * result))

    def log(self) -> "Tensor":
        """The natural logarithm of each element."""
        x = self.data
        return Tensor(np.log(x), (self, lambda g: g / x))

    # --- Products of matrices ---

    def __matmul__(self, other: "Tensor | ArrayLike") -> "Tensor":
        """Matrix product of (..., n, k) and (..., k, m); leading axes broadcast."""
        a, b = self, self._like(other)
        if a.data.ndim < 2 or b.data.ndim < 2:
            raise ValueError(f"a matrix product needs two axes or more: {a.shape} @ {b.shape}")
        return Tensor(
            a.data @ b.data,
            (a, lambda g: g @ np.swapaxes(b.data, -1, -2)),
            (b, lambda g: np.swapaxes(a.data, -1, -2) @ g),
        )

    # --- Reductions ---

    def sum(self, axis: Axes = None, keepdims: bool = False) -> "Tensor":
        """The sum over all elements or over `axis`."""
        kept = np.sum(self.data, axis=axis, keepdims=True)
        result = kept if keepdims else np.sum(self.data, axis=axis)
        return Tensor(result, (self, lambda g: np.broadcast_to(g.reshape(kept.shape), self.shape)))

    def mean(self, axis: Axes = None, keepdims: bool = False) -> "Tensor":
        """The mean over all elements or over `axis`."""
        total = self.sum(axis, keepdims)
        return total * (total.data.size / self.data.size)

    def max(self, axis: int) -> "Tensor":
        """The largest element along `axis`; of equal ones the first gets the whole gradient."""
        first = np.expand_dims(np.argmax(self.data, axis=axis), axis)

        def way_back(g: Array) -> Array:
            gradient = np.zeros_like(self.data)
            np.put_along_axis(gradient, first, np.expand_dims(g, axis), axis)
            return gradient

        largest = np.take_along_axis(self.data, first, axis).squeeze(axis)
        return Tensor(largest, (self, way_back))

    # --- The same elements, arranged otherwise ---

    def reshape(self, *shape: int) -> "Tensor":
        """The elements in another shape; -1 stands for what fits."""
        return Tensor(self.data.reshape(shape), (self, lambda g: g.reshape(self.shape)))

    def __getitem__(self, index: Any) -> "Tensor":
        """Any NumPy index; an element picked twice gets both gradients."""

        def way_back(g: Array) -> Array:
            gradient = np.zeros_like(self.data)
            np.add.at(gradient, index, g)
            return gradient

        return Tensor(self.data[index], (self, way_back))

    def _like(self, other: "Tensor | ArrayLike") -> "Tensor":
        """A constant becomes a tensor of the same precision, so that float32 stays float32."""
        if isinstance(other, Tensor):
            return other
        return Tensor(np.asarray(other, dtype=self.data.dtype))


def _in_order(end: Tensor) -> list[Tensor]:
    """Every tensor behind `end`, each after all those it was made from.

    Depth first with a stack of its own: Python's recursion would end a few hundred layers down.
    """
    order: list[Tensor] = []
    seen: set[int] = set()
    stack = [(end, False)]
    while stack:
        node, sources_done = stack.pop()
        if sources_done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((source, False) for source, _ in node.edges)
    return order


def _unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum over the axes along which broadcasting had repeated a tensor of `shape`."""
    if gradient.shape == shape:
        return gradient
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    repeated = tuple(axis for axis, size in enumerate(shape) if size == 1)
    result: Array = gradient.sum(axis=repeated, keepdims=True)
    return result
