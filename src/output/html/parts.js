// What the pages have in common: controls, figures, the theme, the keyboard.

function badge(text, kind) {
  return el("span", { class: "badge " + (kind || ""), text });
}

/** A number at the top; with something to show and a listener it is a button. */
function figure(number, label, kind, onclick) {
  const content = [el("span", { class: "number", text: number.toLocaleString("en") }), el("span", { class: "label", text: label })];
  const clickable = onclick && number > 0;
  return el("li", { class: "figure " + (number > 0 ? kind : "zero") }, clickable
    ? el("button", { type: "button", onclick, "aria-label": number + " " + label + ": show only these" }, content)
    : el("div", {}, content));
}

function choice(id, label, values, key) {
  const select = el("select", { id, onchange: (event) => { filter[key] = event.target.value; render(); } },
    el("option", { value: "", text: "All" }),
    values.map(([value, text]) => el("option", { value, text })));
  return el("div", { class: "field" }, el("label", { for: id, text: label }), select);
}

/** Says what a filter hides, so that a danger never vanishes silently. */
function hiddenNote(hidden, noun) {
  return hidden === 0 ? null : el("p", { class: "hidden-note" }, count(hidden, noun) + " hidden by the filter. ",
    el("button", { type: "button", class: "link", text: "Show all", onclick: () => document.getElementById("reset").click() }));
}

/** Arrow keys walk the grid; only one cell is in the tab order. */
function walkGrid(event) {
  const cell = event.target.closest(".cell");
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (!cell || !(event.key in steps || event.key === "Home" || event.key === "End")) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")].map((td) => td.querySelector(":scope > .cell")));
  let target = null;
  if (event.key === "Home") target = rows.flat().find(Boolean);
  else if (event.key === "End") target = rows.flat().filter(Boolean).pop();
  else {
    const [down, right] = steps[event.key];
    let row = rows.findIndex((cells) => cells.includes(cell));
    let column = rows[row].indexOf(cell);
    do { row += down; column += right; } while (rows[row] && column >= 0 && column < rows[row].length && !rows[row][column]);
    target = rows[row] && rows[row][column];
  }
  if (!target) return;
  cell.setAttribute("tabindex", "-1");
  target.setAttribute("tabindex", "0");
  target.focus();
}

/** Follows the system until somebody chooses; remembers the choice where the browser lets it. */
function buildTheme(button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const remembered = () => { try { return localStorage.getItem("groundwork-theme"); } catch { return null; } };
  const current = () => root.dataset.theme || (system.matches ? "dark" : "light");
  const show = () => {
    const other = current() === "dark" ? "light" : "dark";
    button.textContent = other === "dark" ? "\u263e Dark" : "\u2600 Light";
    button.setAttribute("aria-label", "Switch to the " + other + " theme");
  };
  const before = remembered();
  if (before === "dark" || before === "light") root.dataset.theme = before;
  button.addEventListener("click", () => {
    root.dataset.theme = current() === "dark" ? "light" : "dark";
    try { localStorage.setItem("groundwork-theme", root.dataset.theme); } catch { /* A page from a file may have no storage. */ }
    show();
  });
  system.addEventListener("change", show);
  show();
}

function keys(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "/" && !typing && !sheet.open && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("search").focus();
  }
}

/** Calls back when the window got another width. Phones report a new height whenever the address bar hides. */
function onNewWidth(draw) {
  let waiting = 0;
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
  });
}

buildTheme(document.getElementById("theme"));
document.getElementById("close").addEventListener("click", () => sheet.close());
sheet.addEventListener("close", closed);
sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
document.addEventListener("keydown", keys);
