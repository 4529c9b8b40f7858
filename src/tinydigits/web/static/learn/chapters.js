/** The steps of one update, grouped in chapters that can be jumped to. */

const FORWARD = { hidden: "The hidden units", outputs: "The outputs", error: "The error" };
const BACKWARD = {
  "w5 w6": "The weights into output 1",
  "w7 w8": "The weights into output 2",
  "a_h1 a_h2": "Back to the hidden units",
  "w1 w2": "The weights into hidden unit 1",
  "w3 w4": "The weights into hidden unit 2",
  "b1 b2": "The biases",
};
const UPDATE = { update: "Every weight moves" };
const TITLES = { ...FORWARD, ...BACKWARD, ...UPDATE };

/** The chapters [{label, title, phase, first, length}]: `first` is the index of its first step. */
export function chaptersOf(steps) {
  const chapters = [];
  for (const [index, step] of steps.entries()) {
    const label = labelOf(step);
    if (chapters.at(-1)?.label !== label) chapters.push({ label, title: TITLES[label], phase: step.phase, first: index, length: 0 });
    chapters.at(-1).length += 1;
  }
  return chapters;
}

function labelOf({ phase, name, of }) {
  if (phase === 2) return "update";
  if (phase === 1) return Object.keys(BACKWARD).find((label) => label.split(" ").includes(of));
  if (name[0] === "E") return "error";
  return /h\d$/.test(name) ? "hidden" : "outputs";
}
