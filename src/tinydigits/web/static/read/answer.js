/** The answer: the number that was read, how sure that is, and a bar for each digit. */

import { find, make, refill } from "../shared/dom.js";

const percent = (share) => (share > 0.9995 ? "100 %" : `${(100 * share).toFixed(1)} %`);

/**
 * What digits drawn side by side were read as: each gets a verdict, {label, confidence, second, sure}.
 *
 * Several are judged together, as `doubted` in the reader's Python judges a page: where a good
 * part is illegible it is hardly one of digits, and without digits all labels are alike.
 *
 * @param digits each with its probabilities and the confidence from which it is sure.
 * @param limits Python's, of the page's data `reader`.
 */
export function judge(digits, limits) {
  const illegible = digits.filter(({ probabilities }) => Math.max(...probabilities) < limits.min_confidence).length / digits.length;
  const [none, all] = limits.illegible_shares;
  const doubt = digits.length < limits.fewest_together ? 0 : Math.min(1, Math.max(0, (illegible - none) / (all - none)));
  return digits.map((digit) => {
    const probabilities = digit.probabilities.map((share) => (1 - doubt) * share + doubt / 10);
    return { ...digit, probabilities, verdict: verdict(probabilities, digit.least) };
  });
}

function verdict(probabilities, least) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const confidence = probabilities[order[0]];
  return { label: order[0], confidence, second: order[1], sure: confidence >= least };
}

/** Build the bars; returns show(digits, selected), where digits have probabilities and a verdict. */
export function makeAnswer(root, select) {
  const [text, said, list] = [".answer-text", ".answer-said", ".bars"].map((selector) => find(selector, root));
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = make("i");
    const share = make("span", { className: "share" });
    const element = make("li", {}, [make("span", { className: "digit", textContent: digit }), make("span", { className: "track" }, [bar]), share]);
    list.append(element);
    return { element, bar, share };
  });
  return function show(digits, selected) {
    refill(text, digits.map((digit, i) =>
      make("button", {
        type: "button",
        className: digit.verdict.sure ? "read" : "read doubtful",
        textContent: digit.verdict.label,
        onclick: () => select(i),
        attributes: { "aria-pressed": String(i === selected), "aria-label": sentence(digit) },
      })));
    said.textContent = digits.length ? whole(digits, selected) : "Nothing is drawn, so nothing is read.";
    root.classList.toggle("empty", !digits.length);
    const probabilities = digits[selected]?.probabilities;
    bars.forEach(({ element, bar, share }, digit) => {
      const value = probabilities?.[digit] ?? 0;
      bar.style.width = `${100 * value}%`;
      share.textContent = probabilities ? percent(value) : "";
      element.classList.toggle("best", digit === digits[selected]?.verdict.label);
      element.classList.toggle("doubtful", !digits[selected]?.verdict.sure);
    });
  };
}

const withArticle = (label) => `${label === 8 ? "an" : "a"} ${label}`;

const sentence = ({ verdict: { label, confidence, second, sure } }) =>
  sure
    ? `Surely ${withArticle(label)}: ${percent(confidence)}.`
    : `Not sure: ${withArticle(label)}, ${withArticle(second)}, or no digit at all.`;

function whole(digits, selected) {
  if (digits.length === 1) return sentence(digits[0]);
  const doubtful = digits.filter((digit) => !digit.verdict.sure).length;
  const all = doubtful ? `${doubtful} of ${digits.length} digits ${doubtful === 1 ? "is" : "are"} doubtful.` : `Sure of ${digits.length === 2 ? "both" : `all ${digits.length}`} digits.`;
  return `${all} Digit ${selected + 1}, shown here: ${sentence(digits[selected]).replace(/^./, (first) => first.toLowerCase())}`;
}
