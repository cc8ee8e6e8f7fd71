// Putting the page together.

function render() {
  applyFilter();
  renderGrid(document.getElementById("grid"));
  renderFindings();
  document.getElementById("matches").textContent = isFiltering()
    ? count(shown.size, "account") + " of " + review.accounts.length.toLocaleString("en") + " match"
    : count(review.accounts.length, "account");
  document.getElementById("reset").disabled = !isFiltering();
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

buildTheme(document.getElementById("theme"));
buildFigures(document.getElementById("figures"));
buildFilter(document.getElementById("filter"));
buildLegend(document.getElementById("legend"));
document.getElementById("grid").addEventListener("keydown", walkGrid);
document.getElementById("close").addEventListener("click", () => sheet.close());
sheet.addEventListener("close", closed);
sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
document.addEventListener("keydown", keys);
addEventListener("hashchange", openFromAddress);
let resizing = 0;
let width = innerWidth;
addEventListener("resize", () => {
  // Phones report a new height whenever the address bar hides; only a new width changes the grid.
  if (innerWidth === width) return;
  width = innerWidth;
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(() => renderGrid(document.getElementById("grid")));
});
renderSince();
render();
document.documentElement.dataset.ready = "true";
openFromAddress();
