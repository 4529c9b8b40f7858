/** The network as it stands as a short PyTorch script that finds the same numbers. */

import { hasBiases } from "./backprop.js";
import { copyButton } from "../shared/copy.js";
import { find, make, makeCard } from "../shared/dom.js";
import { count } from "./live.js";

/** The script's text. Numbers are written with all their digits, which Python reads back exactly. */
export function pytorchScript({ given, parameters: p, updates }) {
  const biases = hasBiases(given);
  const [plusB1, plusB2] = biases ? [" + b1", " + b2"] : ["", ""];
  const bias = (name) => `${name} = torch.tensor(${float(p[name])}, requires_grad=${given.trainBiases ? "True" : "False"})  # shared by both units`;
  const trained = given.trainBiases ? "W1, W2, b1, b2" : "W1, W2";
  return [
    `"""Two inputs, two hidden units, two outputs: the network ${count(updates)}, and its next one."""`,
    "",
    "import torch",
    "",
    "torch.set_default_dtype(torch.float64)",
    `inputs = torch.tensor([${float(given.i1)}, ${float(given.i2)}])`,
    `targets = torch.tensor([${float(given.t1)}, ${float(given.t2)}])`,
    `W1 = torch.tensor([[${float(p.w1)}, ${float(p.w2)}], [${float(p.w3)}, ${float(p.w4)}]], requires_grad=True)`,
    `W2 = torch.tensor([[${float(p.w5)}, ${float(p.w6)}], [${float(p.w7)}, ${float(p.w8)}]], requires_grad=True)`,
    ...(biases ? [bias("b1"), bias("b2")] : []),
    "",
    "",
    "def error():",
    `    hidden = torch.sigmoid(W1 @ inputs${plusB1})`,
    `    outputs = torch.sigmoid(W2 @ hidden${plusB2})`,
    "    return 0.5 * ((targets - outputs) ** 2).sum()",
    "",
    "",
    "E = error()",
    "E.backward()",
    'print("E", E.item())',
    'print("dE/dw1 to dE/dw4", W1.grad.flatten().tolist())',
    'print("dE/dw5 to dE/dw8", W2.grad.flatten().tolist())',
    ...(given.trainBiases ? ['print("dE/db1, dE/db2", [b1.grad.item(), b2.grad.item()])'] : []),
    "",
    `torch.optim.SGD([${trained}], lr=${float(given.rate)}).step()`,
    'print("w1 to w4", W1.flatten().tolist())',
    'print("w5 to w8", W2.flatten().tolist())',
    ...(given.trainBiases ? ['print("b1, b2", [b1.item(), b2.item()])'] : []),
    'print("E after the update", error().item())',
    "",
  ].join("\n");
}

/** A number as Python needs it to be a float. */
function float(value) {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

export function scriptCard() {
  const text = make("pre", { tabIndex: 0, attributes: { role: "region", "aria-label": "The script" } });
  const done = make("p", { className: "note done", attributes: { role: "status" } });
  const save = make("a", { className: "save", download: "network.py", textContent: "Save as network.py" });
  return makeCard("script", "Take it to PyTorch", [
    make("p", { className: "note", textContent: "This network as a script. It prints the same E, gradients and new weights." }),
    make("p", { className: "note planted-script", textContent: "The planted mistake is not in it: PyTorch’s gradients are the right ones." }),
    text,
    make("div", { className: "buttons" }, [copyButton(() => text.textContent, text, done), save]),
    done,
  ]);
}

export function showScript(card, lesson) {
  const script = pytorchScript(lesson);
  const text = find("pre", card);
  find(".planted-script", card).hidden = lesson.given.mistake === "none";
  if (text.textContent === script) return;
  text.textContent = script;
  find(".save", card).href = `data:text/x-python;charset=utf-8,${encodeURIComponent(script)}`;
  find(".done", card).textContent = "";
}
