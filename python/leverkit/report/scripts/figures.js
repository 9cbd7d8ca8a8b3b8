// Figures: drawn when they come into sight, in the colours of the reader's preference, redrawn for paper, saved as PNG and SVG.
"use strict";

const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
const inDark = text => text.replace(/#[0-9a-f]{6}\b/gi, colour => TEXTS.dark[colour.toLowerCase()] ?? colour);

/** What a figure is made of, as it was or for a dark page. */
const figureOf = (holder, dark) => {
  const text = document.getElementById(`${holder.id}-data`).textContent;
  return JSON.parse(dark ? inDark(text) : text);
};

//: Lines of a legend for which a figure has room, and pixels of one more; letters of a line of it, and of an axis' title.
const LEGEND = {lines: 3, line: 20, letters: 34}, TITLE = 26;

const wrapped = (text, letters) => text.replace(new RegExp(`(?!.{1,${letters}}$)(.{1,${letters}}) `, "g"), "$1<br>");

/** On a phone titles of axes would be longer than the axes, and the names of a legend stand one below the other. */
const forPhone = (shown, data) => {
  for (const name of Object.keys(shown).filter(name => /^[xy]axis/.test(name) && shown[name].title?.text)) {
    const {title} = shown[name];
    const text = name.startsWith("x") ? wrapped(title.text, TITLE) : title.text;
    shown[name].title = {...title, text, font: {...title.font, size: 10}};
  }
  if (!shown.showlegend) return;
  const named = data.filter(trace => trace.name && trace.showlegend !== false);
  named.forEach(trace => { trace.name = wrapped(trace.name, LEGEND.letters); });
  const lines = named.reduce((sum, trace) => sum + trace.name.split("<br>").length, 0);
  shown.legend = {...shown.legend, maxheight: 0.8};
  shown.height += LEGEND.line * Math.max(lines - LEGEND.lines, 0);
};

/** Fewer ticks where the numbers along a horizontal axis would touch or be turned. */
const thinned = holder => {
  const changes = {};
  for (const name of Object.keys(holder._fullLayout).filter(name => /^xaxis\d*$/.test(name))) {
    const axis = holder._fullLayout[name];
    const ticks = axis._vals ?? [];
    if (axis.type !== "linear" || !axis.visible || ticks.length < 2 || ticks.some(({text}) => /\p{L}/u.test(text))) continue;
    const widest = Math.max(...ticks.map(({text}) => 8 * text.length + 8));
    const step = Math.ceil(widest / Math.abs(axis.c2p(ticks[1].x) - axis.c2p(ticks[0].x)));
    if (step < 2) continue;
    const kept = ticks.filter((_, place) => place % step === 0);
    Object.assign(changes, {[`${name}.tickvals`]: kept.map(({x}) => x), [`${name}.ticktext`]: kept.map(({text}) => text), [`${name}.tickangle`]: 0});
  }
  return Object.keys(changes).length ? Plotly.relayout(holder, changes) : holder;
};

/** Paper does not scroll: cells that are too narrow for their texts go without. */
const withoutCellTexts = data => data.filter(({type}) => type === "heatmap").forEach(trace => { trace.texttemplate = ""; });

/** Draws a figure. */
const draw = (holder, {size = {}, dark = isDark()} = {}) => {
  const {data, layout, onPage, config} = figureOf(holder, dark);
  const shown = {...layout, ...onPage, ...size};
  if (innerWidth < 500) forPhone(shown, data);
  if (parseFloat(holder.style.minWidth) > size.width) withoutCellTexts(data);
  holder.style.height = `${shown.height}px`;
  holder.dataset.drawn = "yes";
  return Plotly.newPlot(holder, data, shown, config).then(thinned);
};

const figures = () => all(".figure");
const drawn = () => figures().filter(holder => holder.dataset.drawn);

const drawInSight = () => {
  const watch = new IntersectionObserver(seen => seen.filter(one => one.isIntersecting).forEach(({target}) => {
    watch.unobserve(target);
    if (!target.dataset.drawn) draw(target);
  }), {rootMargin: "400px"});
  figures().forEach(holder => watch.observe(holder));
};

/** A file of the figure with its title and in light colours, whatever the page looks like. */
const saveFigure = async (holder, format) => {
  const {data, layout, config} = figureOf(holder, false);
  const size = {width: 1200, height: layout.height ?? 450};
  const address = await Plotly.toImage({data, layout: {...layout, ...size}, config}, {format, ...size, scale: 2});
  save(`${holder.id}.${format}`, ...(format === "svg"
    ? ["image/svg+xml", decodeURIComponent(address.slice(address.indexOf(",") + 1))]
    : ["image/png", Uint8Array.from(atob(address.split(",")[1]), letter => letter.charCodeAt(0))]));
};

/** A row under the pointer marks its bars and tiles in the figures of its section. */
const mark = (section, name) => all(".figure", section).filter(holder => holder.dataset.drawn).forEach(holder => {
  holder.data.forEach((trace, place) => {
    if (trace.type !== "bar" && trace.type !== "treemap") return;
    const names = Array.from(trace.labels ?? (trace.orientation === "h" ? trace.y : trace.x) ?? [], String);
    if (name !== null && !names.some(one => one === name)) return;
    const faded = name === null ? 1 : names.map(one => (one === name ? 1 : 0.35));
    if (trace.type === "bar") Plotly.restyle(holder, {"marker.opacity": [faded]}, [place]);
    else Plotly.restyle(holder, {"marker.line.width": [name === null ? 1 : names.map(one => (one === name ? 5 : 1))]}, [place]);
  });
});

const markRows = () => all("tbody").forEach(body => {
  const section = body.closest("section");
  const nameOf = event => event.target.closest("tr")?.dataset.name ?? null;
  body.addEventListener("mouseover", event => mark(section, nameOf(event)));
  body.addEventListener("mouseleave", () => mark(section, null));
});

// Drawn anew for paper: some figures change their size only step by step, and paper does not wait. Paper is narrower than most
// screens, and what is a little lower leaves fewer gaps between pages.
addEventListener("beforeprint", () => figures().filter(holder => holder.offsetParent).forEach(holder => {
  const {layout, onPage} = figureOf(holder, false);
  const height = Math.max(0.78 * (onPage.height ?? layout.height ?? 450), 180);
  draw(holder, {dark: false, size: {autosize: false, width: 680, height}});
}));
addEventListener("afterprint", () => drawn().forEach(holder => draw(holder)));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn().forEach(holder => draw(holder)));
document.addEventListener("click", ({target}) => {
  const button = target.closest("button[data-save]");
  if (button) saveFigure(document.getElementById(button.dataset.figure), button.dataset.save);
});

drawInSight();
markRows();
