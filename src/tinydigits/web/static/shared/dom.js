/** What every part of the page uses to find, make and fill elements, and to read its data. */

import { unpack, withBytes } from "./base64.js";

export const find = (selector, root = document) => root.querySelector(selector);

/**
 * A new element; a button submits nothing. Properties are set as they are (className, textContent, onclick …); those under
 * `attributes` as attributes (role, aria-label …). Text is always text, never markup.
 */
export function make(tag, { attributes = {}, ...properties } = {}, children = []) {
  const element = Object.assign(document.createElement(tag), tag === "button" && { type: "button" }, properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A card with a title, named after it. */
export function makeCard(name, title, children) {
  const heading = make("h2", { id: `${name}-title`, textContent: title });
  return make("section", { className: `card ${name}`, attributes: { "aria-labelledby": heading.id } }, [heading, ...children]);
}

/** A new element of a drawing. */
export function makeSvg(tag, attributes = {}, children = []) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Give an element other children; if one of its controls had the focus, the one in its place has it. */
export function refill(element, children) {
  const controls = "button, summary";
  const focused = [...element.querySelectorAll(controls)].indexOf(document.activeElement);
  element.replaceChildren(...children);
  element.querySelectorAll(controls)[focused]?.focus();
}

const block = (name) => document.getElementById(`${name}-data`).textContent;

/** A block of data that came with the page, in JSON or packed as bytes. */
export const data = (name) => JSON.parse(block(name));
export const packed = (name) => unpack(block(name));

/** The exported network that came with the page, its arrays as bytes. */
export const shippedNetwork = () => withBytes(packed("network"));

/** A number as people write it: a true minus sign, and as many digits after the point as asked. */
export const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−");
