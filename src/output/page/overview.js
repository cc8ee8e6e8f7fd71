// The figures at the top and the grid of domains by environments.

function buildFigures(list) {
  const doing = (name) => review.accounts.filter((account) => account.own && account.own.tally.some(({ action }) => action.name === name)).length;
  const denied = review.policy.filter((verdict) => verdict.level !== "warn").length;
  const missing = review.accounts.filter((account) => account.state !== "planned").length;
  const still = review.accounts.filter((account) => account.worst === NOTHING).length;
  list.append(
    figure(review.accounts.length, "accounts", "plain"),
    figure(doing("delete"), "destroy something", "delete", () => filterByAction("delete")),
    figure(doing("replace"), "replace something", "replace", () => filterByAction("replace")),
    figure(denied, denied === 1 ? "policy denial" : "policy denials", "delete"),
    figure(missing, "not planned or failed", "missing", () => filterByAction("missing")),
    figure(review.patterns.filter((pattern) => pattern.changes.length > 0 && !pattern.lone).length, "patterns", "plain"),
    figure(review.outliers.length, "outliers", "replace"),
    figure(still, "unchanged", "plain", () => filterByAction("none")));
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

function buildLegend(list) {
  const used = new Set(review.accounts.map((account) => account.worst));
  for (const action of [...ACTIONS, NOTHING, UNKNOWN_STATE]) {
    if (used.has(action)) list.append(el("li", {}, el("span", { class: "swatch " + action.name, "aria-hidden": "true", text: action.mark }), action.verb));
  }
  if (review.outliers.length) list.append(el("li", {}, el("span", { class: "swatch none outlier", "aria-hidden": "true" }), "outlier"));
}
