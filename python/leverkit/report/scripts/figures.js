// Figures: drawn when they come into sight, in the colours of the reader's preference, redrawn for paper, saved as PNG and SVG.
"use strict";

const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches;
const inDark = text => text.replace(/#[0-9a-f]{6}\b/gi, colour => TEXTS.dark[colour.toLowerCase()] ?? colour);

/** What a figure is made of, as it was or for a dark page. */
const figureOf = (holder, dark) => {
  const text = document.getElementById(`${holder.id}-data`).textContent;
  return JSON.parse(dark ? inDark(text) : text);
};

/** Draws a figure; on a phone titles of axes would be longer than the axes. */
const draw = (holder, {size = {}, dark = isDark()} = {}) => {
  const {data, layout, onPage, config} = figureOf(holder, dark);
  const shown = {...layout, ...onPage, ...size};
  if (innerWidth < 500) {
    for (const axis of Object.keys(shown).filter(name => /^[xy]axis/.test(name) && shown[name].title)) {
      shown[axis].title = {...shown[axis].title, font: {...shown[axis].title.font, size: 10}};
    }
  }
  holder.dataset.drawn = "yes";
  return Plotly.newPlot(holder, data, shown, config);
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
