// Tables: the page prints the first rows; here they are sorted, searched, shown whole, copied and saved as CSV.
"use strict";

/** What a spreadsheet would take for a formula is made a text: names come from the data. Signed numbers and telephone numbers are no formulas. */
const isNumber = text => /^[+-]\d[\d.,]*$|^\+\d[\d ()-]{6,}$/.test(text);
const harmless = text => (/^[=+\-@\t\r]/.test(text) && !isNumber(text) ? `'${text}` : text);

const cell = (value, isText, decimal) => {
  if (value === null || value === undefined) return "";
  return isText ? harmless(String(value)) : String(value).replace(".", decimal);
};

/** Rows as a file: where the decimal sign is a comma, semicolons stand between cells, as spreadsheets there expect. */
const csv = (columns, rows) => {
  const decimal = TEXTS.signs["."], between = decimal === "," ? ";" : ",";
  const quoted = text => (/["\n\r,;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = cells => cells.map(quoted).join(between);
  const head = line(columns.map(column => harmless(column.label)));
  const body = rows.map(row => line(columns.map(({values, text}) => cell(values[row], text, decimal))));
  return "\ufeff" + [head, ...body].join("\r\n") + "\r\n";
};

const shownText = (column, row) => (column.texts ? column.texts[row] : String(column.values[row] ?? ""));

/** A row as the page writes it; texts are set as texts, so no name of the data becomes markup. */
const rowOf = ({columns, colours}, row) => {
  const made = document.createElement("tr");
  made.dataset.name = shownText(columns[0], row);
  columns.forEach((column, place) => {
    const part = document.createElement("td"), text = shownText(column, row);
    part.className = [column.text && "text", column.bar && "bar", text.length > 40 && "long"].filter(Boolean).join(" ");
    if (column.bar) part.style.setProperty("--share", Math.max(column.values[row] ?? 0, 0));
    part.textContent = text;
    const colour = place === 0 && colours[column.values[row]];
    if (colour) part.prepend(Object.assign(document.createElement("i"), {className: "chip"}));
    if (colour) part.firstChild.style.background = colour;
    made.append(part);
  });
  return made;
};

/** Numbers by size, texts by the language; what is missing comes last either way. */
const order = ({values, text}, descending) => (a, b) => {
  const [left, right] = [values[a], values[b]];
  if (left === null || right === null) return (left === null) - (right === null) || a - b;
  const found = text ? String(left).localeCompare(String(right), document.documentElement.lang) : left - right;
  return (descending ? -found : found) || a - b;
};

const enliven = holder => {
  const table = dataOf(`${holder.id}-data`), {columns} = table;
  const length = columns[0].values.length, first = Number(holder.dataset.first);
  const state = {search: "", by: null, descending: false, whole: false};
  const body = holder.querySelector("tbody"), tell = holder.querySelector("output");

  const chosen = () => {
    const wanted = state.search.toLocaleLowerCase();
    const rows = [...Array(length).keys()].filter(row =>
      !wanted || columns.some(column => shownText(column, row).toLocaleLowerCase().includes(wanted)));
    return state.by === null ? rows : rows.sort(order(columns[state.by], state.descending));
  };
  const show = () => {
    const rows = chosen(), shown = state.whole ? rows : rows.slice(0, first);
    body.replaceChildren(...shown.map(row => rowOf(table, row)));
    tell.textContent = TEXTS.shown.replace("{shown}", written(shown.length)).replace("{rows}", written(rows.length));
    const more = holder.querySelector("[data-table=whole]");
    if (more) more.hidden = state.whole || rows.length <= first;
  };
  const sortBy = place => {
    state.descending = state.by === place ? !state.descending : !columns[place].text;
    state.by = place;
    all("th", holder).forEach((head, other) => {
      if (other === place) head.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    show();
  };
  all("th button", holder).forEach((button, place) => button.addEventListener("click", () => sortBy(place)));
  holder.querySelector("input")?.addEventListener("input", ({target}) => { state.search = target.value; show(); });
  holder.addEventListener("click", ({target}) => {
    const what = target.closest("button[data-table]")?.dataset.table;
    if (what === "whole") { state.whole = true; show(); }
    if (what === "csv") save(`${table.name}.csv`, "text/csv", csv(columns, chosen()));
    if (what === "copy") {
      const lines = chosen().map(row => columns.map(column => harmless(shownText(column, row))).join("\t"));
      copy([columns.map(column => column.label).join("\t"), ...lines].join("\n"), target);
    }
  });
};

all(".table[data-first]").forEach(enliven);
