// The figures at the top and the grid of domains by environments.

function figure(number, label, kind, action) {
  const content = [el("span", { class: "number", text: number.toLocaleString("en") }), el("span", { class: "label", text: label })];
  const clickable = action && number > 0;
  return el("li", { class: "figure " + (number > 0 ? kind : "zero") }, clickable
    ? el("button", { type: "button", onclick: () => filterByAction(action), "aria-label": number + " " + label + ": show only these" }, content)
    : el("div", {}, content));
}

function buildFigures(list) {
  const doing = (name) => review.accounts.filter((account) => account.own && account.own.tally.some(({ action }) => action.name === name)).length;
  const denied = review.policy.filter((verdict) => verdict.level !== "warn").length;
  const missing = review.accounts.filter((account) => account.state !== "planned").length;
  const still = review.accounts.filter((account) => account.worst === NOTHING).length;
  list.append(
    figure(review.accounts.length, "accounts", "plain"),
    figure(doing("delete"), "destroy something", "delete", "delete"),
    figure(doing("replace"), "replace something", "replace", "replace"),
    figure(denied, denied === 1 ? "policy denial" : "policy denials", "delete"),
    figure(missing, "not planned or failed", "missing", "missing"),
    figure(review.patterns.filter((pattern) => pattern.changes.length > 0 && !pattern.lone).length, "patterns", "plain"),
    figure(review.outliers.length, "outliers", "replace"),
    figure(still, "unchanged", "plain", "none"));
}

function accountLabel(account) {
  const parts = [account.key];
  if (account.state !== "planned") parts.push(account.state);
  if (account.own) parts.push(account.own.tally.map(({ action, number }) => number + " to " + action.verb).join(", ") || "no change");
  if (account.own && account.own.changes.length && !account.own.lone) parts.push("pattern " + account.own.name);
  if (account.outlier) parts.push("outlier");
  if (account.protected) parts.push("protected");
  return parts.join("; ");
}

function accountCell(account) {
  const broken = account.state !== "planned" && account.state !== "not planned";
  return el("button", {
    type: "button", class: "cell " + account.worst.name + (account.outlier ? " outlier" : "") + (broken ? " broken" : "") + (shown.has(account.id) ? "" : " dim"),
    "data-account": account.key, tabindex: "-1", title: visibleLine(accountLabel(account)), "aria-label": visibleLine(accountLabel(account)),
    onclick: () => openAccount(account.id),
  }, el("span", { class: "mark", "aria-hidden": "true", text: broken ? "!" : account.worst.mark }),
  account.own && account.own.changes.length && !account.own.lone ? el("span", { class: "letter", "aria-hidden": "true", text: account.own.name }) : null);
}

function renderGrid(place) {
  const rows = new Map();
  for (const account of review.accounts) {
    if (isFiltering() && !shown.has(account.id)) continue;
    if (!rows.has(account.domain)) rows.set(account.domain, new Map());
    rows.get(account.domain).set(account.environment, account);
  }
  const domains = [...rows.keys()].sort();
  const environments = review.environments.filter((name) => filter.environment === "" || name === filter.environment);
  // Several short tables side by side: a thousand accounts in one column is a list, not a picture.
  const columns = Math.max(1, Math.min(6, Math.floor((place.clientWidth || 1100) / (150 + environments.length * 54))));
  const height = Math.max(10, Math.ceil(domains.length / columns));
  place.textContent = "";
  for (let from = 0; from < domains.length; from += height) {
    const part = domains.slice(from, from + height);
    place.append(el("table", { class: "grid" },
      el("caption", { class: "unseen", text: "Domains " + part[0] + " to " + part[part.length - 1] }),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { class: "unseen", text: "Domain" })),
        environments.map((name) => el("th", { scope: "col", text: name })))),
      el("tbody", {}, part.map((domain) => el("tr", {}, el("th", { scope: "row", text: domain, title: visibleLine(domain) }),
        environments.map((name) => {
          const account = rows.get(domain).get(name);
          return el("td", {}, account ? accountCell(account) : null);
        }))))));
  }
  const first = place.querySelector(".cell");
  if (first) first.setAttribute("tabindex", "0");
  else place.append(el("p", { class: "quiet", text: "No account matches the filter." }));
}

/** Arrow keys walk the grid; only one cell is in the tab order. */
function walkGrid(event) {
  const cell = event.target.closest(".cell");
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (!cell || !(event.key in steps || event.key === "Home" || event.key === "End")) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")].map((td) => td.firstElementChild));
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

function buildLegend(list) {
  const used = new Set(review.accounts.map((account) => account.worst));
  for (const action of [...ACTIONS, NOTHING, UNKNOWN_STATE]) {
    if (used.has(action)) list.append(el("li", {}, el("span", { class: "swatch " + action.name, "aria-hidden": "true", text: action.mark }), action.verb));
  }
  if (review.outliers.length) list.append(el("li", {}, el("span", { class: "swatch none outlier", "aria-hidden": "true" }), "outlier"));
}
