// What the page does as a whole: folds, contents that follow the reader, copying, paper.
// Figures, tables and the what-if have files of their own; texts come from the page, in its language.
"use strict";

const all = (choice, within = document) => [...within.querySelectorAll(choice)];
const dataOf = name => JSON.parse(document.getElementById(name).textContent);
const TEXTS = dataOf("texts");

/** A number as the page's language writes it, with its meaningful digits. */
const written = (number, digits = 4) => {
  if (!Number.isFinite(number)) return "–";
  return formed(number, Math.abs(number) >= 1000 ? {maximumFractionDigits: 0} : {maximumSignificantDigits: digits});
};
const formed = (number, form) =>
  new Intl.NumberFormat("en", form).format(number).replace(/[,.-]/g, sign => TEXTS.signs[sign]);

/** Money with its currency where the page has it. */
const money = number => {
  if (!Number.isFinite(number)) return "–";
  const digits = Math.abs(number) < 100 ? 2 : 0;
  const text = formed(number, {minimumFractionDigits: digits, maximumFractionDigits: digits});
  const minus = TEXTS.signs["-"];
  const [sign, rest] = text.startsWith(minus) ? [minus, text.slice(minus.length)] : ["", text];
  return sign + TEXTS.money.replace("{number}", rest);
};

const save = (name, type, content) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], {type}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

/** Copies a text, and says so on the button for a moment. A page opened from a file may lack the modern way. */
const copy = async (text, button) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), {value: text});
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = TEXTS.copied;
  setTimeout(() => { button.textContent = before; }, 1500);
};

/** Opens a section's fold and whatever folds an element away, so that a link to it shows it. */
const reveal = element => {
  const inside = element.querySelector(":scope > details.section") ?? element;
  for (let fold = inside.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
};

const followLinks = () => {
  const target = () => document.getElementById(decodeURIComponent(location.hash.slice(1)).split("=")[0]);
  const go = () => { const found = target(); if (found) { reveal(found); found.scrollIntoView(); } };
  addEventListener("hashchange", go);
  go();
};

/** The contents mark the section that is read. */
const followReader = () => {
  const links = new Map(all(".contents a").map(link => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver(seen => {
    for (const {target, isIntersecting} of seen.filter(one => one.isIntersecting)) {
      links.forEach((link, id) => isIntersecting && link.toggleAttribute("aria-current", id === target.id));
    }
  }, {rootMargin: "-15% 0px -75%"});
  links.forEach((_, id) => { const part = document.getElementById(id); if (part) watch.observe(part); });
};

const openAll = isOpen => all("details.section").forEach(fold => { fold.open = isOpen; });

/** Where there is no room beside the page, the contents are a bar above it that opens. */
const fold = () => { if (innerWidth < 1580) document.querySelector(".contents details").open = false; };

const listen = () => document.addEventListener("click", ({target}) => {
  const button = target.closest("button[data-do]");
  if (!button) return;
  if (button.dataset.do === "open") openAll(true);
  if (button.dataset.do === "close") openAll(false);
  if (button.dataset.do === "print") { openAll(true); setTimeout(print, 300); }
  if (button.dataset.do === "copy") copy(button.parentElement.querySelector("code").textContent, button);
});

fold();
listen();
followReader();
followLinks();
if (location.hash === "#all") openAll(true);
