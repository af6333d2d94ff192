"""Writes networks as ONNX, a file that many runtimes read, in many languages and without TensorFlow.

Only what our network is made of: a converter for any network would be a large dependency, and slower than the export.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras
    import onnx

OPSET, IR_VERSION = 17, 8  # of 2022: what is in use today reads it


class OnnxGraph:
    """A graph in the making. Each value in it is known by a name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, dtype: type[np.generic], *sides: int | str) -> str:
        """A value that is given, with this shape; a side that is text may have any length."""
        self._inputs.append(_value(name, dtype, sides))
        return name

    def output(self, name: str, value: str, dtype: type[np.generic], *sides: int | str) -> None:
        """Return `value` under this name."""
        from onnx import helper

        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(_value(name, dtype, sides))

    def add(self, operator: str, *inputs: str | NDArray[Any], **attributes: Any) -> str:
        """The value of an operator of ONNX; arrays among its inputs are constants."""
        from onnx import helper

        names = [value if isinstance(value, str) else self._constant(value) for value in inputs]
        output = f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, names, [output], **attributes))
        return output

    def columns(self, value: str, start: int, end: int) -> str:
        """Columns start..end - 1 of a matrix."""
        return self.add("Slice", value, np.array([start]), np.array([end]), np.array([1]))

    def add_keras(self, model: keras.Model, value: str) -> str:
        """What a functional model of one input and one output makes of `value`; images are (n, channels, h, w) here.

        Raises NotImplementedError for a layer that is not among those of our networks.
        """
        values = {id(model.inputs[0]): value}
        for layer in model.layers:
            if type(layer).__name__ != "InputLayer":
                given = layer.input if isinstance(layer.input, list) else [layer.input]
                values[id(layer.output)] = self._layer(layer, [values[id(tensor)] for tensor in given])
        return values[id(model.outputs[0])]

    def to_bytes(self, **properties: str) -> bytes:
        """The file. properties: what it says about itself."""
        from onnx import helper

        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="draw-a-digit")
        helper.set_model_props(model, properties)
        return model.SerializeToString()

    def _constant(self, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), f"constant_{len(self._constants)}"))
        return self._constants[-1].name

    def _layer(self, layer: Any, values: list[str]) -> str:
        match type(layer).__name__:
            case "Conv2D" if layer.padding == "same":
                kernel, bias = layer.get_weights()
                sides, (down, across) = layer.input.shape[1:3], layer.strides
                pads = np.transpose([_same(n, *kn) for n, *kn in zip(sides, kernel.shape, layer.strides, strict=False)])
                weights = kernel.transpose(3, 2, 0, 1)
                made = self.add("Conv", *values, weights, bias, strides=[down, across], pads=pads.ravel().tolist())
            case "Dense":
                kernel, bias = layer.get_weights()
                made = self.add("Add", self.add("MatMul", *values, kernel), bias)
            case "ReLU":
                return self.add("Relu", *values)
            case "Add":
                return self.add("Add", *values)
            case "Flatten":  # Keras has the channels last
                return self.add("Flatten", self.add("Transpose", *values, perm=[0, 2, 3, 1]), axis=1)
            case name:
                raise NotImplementedError(f"no ONNX for the layer {layer.name}, a {name}")
        if layer.activation.__name__ != "linear":
            raise NotImplementedError(f"no ONNX for the activation of {layer.name}")
        return made


def _same(side: int, kernel: int, stride: int) -> tuple[int, int]:
    """The rows before and after a picture that TensorFlow's padding "same" adds."""
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return total // 2, total - total // 2


def _value(name: str, dtype: type[np.generic], sides: tuple[int | str, ...]) -> onnx.ValueInfoProto:
    from onnx import helper

    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), sides)
