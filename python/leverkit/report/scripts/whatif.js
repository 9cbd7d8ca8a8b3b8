// What if: the formula's compiled program, the engine's own, run here for the values of the sliders.
"use strict";

/** The same operations in the same order as the engine's, so the same numbers; a bound ignores what is no number, as there. */
const RUN = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  min: (a, b) => (Number.isNaN(a) || b < a ? b : a),
  max: (a, b) => (Number.isNaN(a) || b > a ? b : a),
};

/** Every expression by name, for values in the order of the parameters. */
const evaluate = ({operations, expressions}, values) => {
  const found = [];
  for (const [operation, left, right] of operations) {
    if (operation === "parameter") found.push(values[left]);
    else if (operation === "number") found.push(left);
    else found.push(RUN[operation](found[left], found[right]));
  }
  return Object.fromEntries(expressions.map(([name, register]) => [name, found[register]]));
};

const whatif = () => {
  const holder = document.getElementById("whatif");
  const {program, parameters, nodes} = dataOf("whatif-data");
  const today = parameters.map(parameter => parameter.value);
  const before = evaluate(program, today);
  let values = [...today];

  const sliders = all("input[type=range]", holder);
  const writers = {money, share: value => `${written(100 * value, 3)}\u00a0%`};
  const write = (kind, value) => (writers[kind] ?? written)(value);
  const change = (now, then) => {
    if (now === then || !Number.isFinite(now)) return "";
    const share = then ? 100 * (now / then - 1) : NaN;
    return Number.isFinite(share) ? `${share > 0 ? "+" : ""}${written(share, 3)}\u00a0%` : "";
  };

  const show = () => {
    const found = evaluate(program, values);
    nodes.forEach(({name, kind}) => all(`[data-node="${name}"]`, holder).forEach(part => {
      part.querySelector("b").textContent = write(kind, found[name]);
      part.querySelector(".change").textContent = change(found[name], before[name]);
    }));
    parameters.forEach(({kind}, place) => {
      sliders[place].value = values[place];
      const text = write(kind, values[place]);
      sliders[place].setAttribute("aria-valuetext", text);
      sliders[place].closest("li").classList.toggle("moved", values[place] !== today[place]);
      sliders[place].closest("li").querySelector("output").textContent = text;
    });
    keep();
  };

  /** The setting in the address: what differs from today. */
  const moved = () => parameters.map(({name}, place) => [name, values[place]]).filter((_, place) => values[place] !== today[place]);
  const keep = () => {
    const setting = moved().map(([name, value]) => `${name}:${value}`).join(",");
    const address = setting ? `#whatif=${setting}` : location.pathname + location.search;
    if (setting || location.hash.startsWith("#whatif=")) history.replaceState(null, "", address);
  };
  const bounded = ({lower, upper}, value) => Math.min(Math.max(value, lower ?? -Infinity), upper ?? Infinity);
  const restore = () => {
    const [, setting = ""] = decodeURIComponent(location.hash).split("#whatif=");
    values = [...today];
    for (const [name, text] of setting.split(",").map(part => part.split(":"))) {
      const place = parameters.findIndex(parameter => parameter.name === name);
      if (place >= 0 && Number.isFinite(Number(text))) values[place] = bounded(parameters[place], Number(text));
    }
    show();
  };

  const doing = {
    // Each parameter by a fifth in its good direction, as far as its bounds allow.
    step: () => { values = parameters.map((one, place) => bounded(one, today[place] * (one.direction === "up" ? 1.2 : 0.8))); show(); },
    reset: () => { values = [...today]; show(); },
    toml: button => copy((moved().length ? moved() : parameters.map(({name}, place) => [name, values[place]]))
      .map(([name, value]) => `${name} = ${value}\n`).join(""), button),
    address: button => copy(location.href, button),
  };
  sliders.forEach((slider, place) => slider.addEventListener("input", () => { values[place] = Number(slider.value); show(); }));
  holder.addEventListener("click", ({target}) => doing[target.closest("button[data-whatif]")?.dataset.whatif]?.(target));
  addEventListener("hashchange", () => { if (location.hash.startsWith("#whatif=")) restore(); });
  restore();
  return {evaluate: given => evaluate(program, given), parameters};
};

if (document.getElementById("whatif-data")) globalThis.leverkitWhatIf = whatif();
