// What is illegible in a figure: texts that overlap, and texts that leave the frame. Runs on a page of the report, beside its own scripts.
"use strict";

//: What of a text's box is empty: letters fill no line up to its edges.
const EMPTY = {across: 1, up: 2.5};
const TOLERANCE = 1;

/** The corners of a text on the screen, in order; slanted texts have slanted boxes. */
const cornersOf = text => {
  const {x, y, width, height} = text.getBBox();
  const place = text.getScreenCTM();
  const [left, right, top, bottom] = [x + EMPTY.across, x + width - EMPTY.across, y + EMPTY.up, y + height - EMPTY.up];
  return [[left, top], [right, top], [right, bottom], [left, bottom]].map(([h, v]) => new DOMPoint(h, v).matrixTransform(place));
};

const isSeen = text => {
  const {width, height} = text.getBoundingClientRect();
  return text.textContent.trim() && width && height && !text.closest(".hoverlayer") && text.checkVisibility({opacityProperty: true, visibilityProperty: true});
};

/** Whether two convex shapes share a point inside: no edge of either has all of the other on its outer side. */
const meet = (one, other) => ![one, other].some(shape => shape.some((from, place) => {
  const to = shape[(place + 1) % shape.length];
  const across = point => (point.x - from.x) * (to.y - from.y) - (point.y - from.y) * (to.x - from.x);
  return Math.min(...(shape === one ? other : one).map(across)) >= Math.max(...shape.map(across)) ||
    Math.max(...(shape === one ? other : one).map(across)) <= Math.min(...shape.map(across));
}));

/** By how many pixels a text leaves the frame, and where. */
const beyond = (corners, frame) => {
  const xs = corners.map(point => point.x);
  const ys = corners.map(point => point.y);
  const sides = {left: frame.left - Math.min(...xs), right: Math.max(...xs) - frame.right, top: frame.top - Math.min(...ys), bottom: Math.max(...ys) - frame.bottom};
  return Object.entries(sides).filter(([, by]) => by > TOLERANCE).map(([side, by]) => `${Math.round(by)} px at the ${side}`);
};

const faultsOf = holder => {
  const frame = holder.querySelector(".main-svg").getBoundingClientRect();
  const texts = [...holder.querySelectorAll("svg text")].filter(isSeen).map(text => ({said: JSON.stringify(text.textContent), corners: cornersOf(text)}));
  const outside = texts.flatMap(({said, corners}) => beyond(corners, frame).map(where => `${said} leaves by ${where}`));
  const over = texts.flatMap((one, place) => texts.slice(place + 1).filter(other => meet(one.corners, other.corners)).map(other => `${one.said} over ${other.said}`));
  return [...outside, ...over].map(fault => `${holder.id}: ${fault}`);
};

/** A figure as it is saved: with its title, as wide as told. */
const drawSaved = (holder, width) => {
  const {layout} = figureOf(holder, false);
  return draw(holder, {dark: false, size: {title: layout.title, margin: layout.margin, height: layout.height, width, autosize: false}});
};

/** The faults of all figures, drawn as they are saved in this width, or as the page shows them. */
const faults = async savedIn => {
  all("details").forEach(fold => { fold.open = true; });
  const found = [];
  for (const holder of figures()) {
    await (savedIn ? drawSaved(holder, savedIn) : draw(holder));
    found.push(...faultsOf(holder));
    Plotly.purge(holder);
  }
  return found;
};
