/**
 * The page's frame: its two tabs and its theme.
 *
 * A link can name the tab in its fragment, `#read` or `#learn`. What follows a `?` there
 * (`#learn?…`) belongs to the tab; each tab is started when it is first shown.
 */

import { find } from "./shared/dom.js";
import { start as startLearn } from "./learn/learn.js";
import { start as startRead } from "./read/read.js";

const TABS = { read: startRead, learn: startLearn };
const started = new Set();

function show(name) {
  for (const each of Object.keys(TABS)) {
    const tab = find(`#tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    find(`#${each}`).hidden = each !== name;
  }
  begin(name);
}

function begin(name) {
  if (started.has(name)) return;
  started.add(name);
  TABS[name](find(`#${name}`));
}

const named = () => {
  const name = location.hash.slice(1).split("?")[0];
  return Object.hasOwn(TABS, name) ? name : "read";
};

function prepareTabs() {
  for (const name of Object.keys(TABS))
    find(`#tab-${name}`).addEventListener("click", () => {
      history.replaceState(null, "", `#${name}`);
      show(name);
    });
  find("[role=tablist]").addEventListener("keydown", (event) => {
    const names = Object.keys(TABS);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = names[(names.indexOf(named()) + step + names.length) % names.length];
    find(`#tab-${next}`).click();
    find(`#tab-${next}`).focus();
  });
  addEventListener("hashchange", () => show(named()));
  // A file may come while the other tab is shown: the tab that takes it has to listen.
  for (const name of ["dragenter", "drop", "paste"]) addEventListener(name, () => begin("read"), { capture: true });
  show(named());
}

/** Light or dark as the system has it, until the button says otherwise; on paper always light. */
function prepareTheme() {
  const button = find("#theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => document.documentElement.dataset.theme === "dark";
  let darkOnScreen;
  const apply = (dark) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    button.setAttribute("aria-pressed", String(dark));
    dispatchEvent(new Event("themechange"));
  };
  button.addEventListener("click", () => apply(!isDark()));
  system.addEventListener("change", () => apply(system.matches));
  addEventListener("beforeprint", () => {
    darkOnScreen = isDark();
    apply(false);
  });
  addEventListener("afterprint", () => apply(darkOnScreen));
  apply(system.matches);
}

prepareTheme();
prepareTabs();
