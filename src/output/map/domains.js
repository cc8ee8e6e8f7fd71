// The figures, and the tables: domains by environments, teams, features.

function buildFigures(list) {
  const number = (test) => map.accounts.filter(test).length;
  const pools = map.address_space.pools;
  const sum = (key) => pools.reduce((total, pool) => total + pool[key], 0);
  const free = sum("addresses") > 0 ? sum("free") / sum("addresses") : 0;
  list.append(
    figure(map.accounts.length, "accounts", "plain"),
    figure(map.domains.length, "domains", "plain"),
    figure(map.teams.length, "teams", "plain"),
    figure(map.features.length, "features", "plain"),
    figure(number((account) => !account.exists), "not made yet", "missing", () => filterBy("state", "new")),
    figure(number((account) => account.lifecycle === "retiring"), "retiring", "replace", () => filterBy("state", "retiring")),
    figure(number((account) => !account.steward.on_call), "with nobody on call", "replace", () => filterBy("state", "uncalled")),
    el("li", { class: "figure plain" }, el("div", {}, el("span", { class: "number", text: percent(free) }), el("span", { class: "label", text: "of " + count(pools.length, "pool") + " free" }))));
}

/** A link where the text is an address of the web, and the text where it is anything else. */
function webLink(text, label) {
  let url = null;
  try { url = new URL(text); } catch { /* It is no address. */ }
  return url !== null && /^https?:$/.test(url.protocol)
    ? el("a", { href: url.href, rel: "noreferrer noopener", title: visibleLine(text), text: label || text })
    : el("span", { text });
}

function accountLink(account) {
  return el("button", { type: "button", class: "account" + (shown.has(account.number) ? "" : " dim"), "data-account": account.key, onclick: () => openAccount(account), text: account.key });
}

function accountLabel(account) {
  return [account.key, account.exists ? account.id : "not made yet", account.network || "no network block", "wave " + account.wave,
    account.lifecycle === "active" ? "" : account.lifecycle, account.protected ? "protected" : ""].filter(Boolean).join("; ");
}

function accountCell(account) {
  const dim = isFiltering() && !shown.has(account.number);
  return el("button", {
    type: "button", class: "cell hue-" + account.hue + (account.exists ? "" : " new") + (dim ? " dim" : ""), "data-account": account.key, tabindex: "-1",
    "aria-label": visibleLine(accountLabel(account)), onclick: () => openAccount(account),
  }, el("span", { class: "id", text: account.exists ? account.id : "not made yet" }),
  el("span", { class: "net", text: account.network || "no network" }),
  el("span", { class: "wave" }, account.wave, account.lifecycle === "active" ? null : badge(account.lifecycle, "replace"), account.protected ? el("span", { class: "lock", title: "protected", text: "\u25c6" }) : null));
}

const nothing = () => el("span", { class: "quiet", text: "\u2013" });
const known = (value) => (value ? el("span", { text: value }) : nothing());

function scrolling(label, table) {
  return el("div", { class: "table", tabindex: "0", role: "group", "aria-label": label }, table);
}

function headings(...names) {
  return el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col", text: name }))));
}

function domainRow(domain, environments) {
  const { product, steward } = domain[0];
  const own = new Map(domain.map((account) => [account.environment, account]));
  const cell = (label, ...content) => el("td", { "data-label": label }, content);
  return el("tr", {},
    el("th", { scope: "row" }, el("span", { class: "name", text: product.name }), product.description ? el("span", { class: "why", text: product.description }) : null),
    cell("Team", el("span", { text: steward.name }), steward.slack ? el("span", { class: "why", text: steward.slack }) : null),
    cell("On call", known(steward.on_call)),
    cell("Cost centre", known(steward.cost_center)),
    cell("Runbook", product.runbook ? webLink(product.runbook, "runbook") : nothing()),
    environments.map((name) => el("td", { class: "of-account", "data-label": name }, own.has(name) ? accountCell(own.get(name)) : null)));
}

function renderDomains() {
  const place = document.querySelector("#domains .items");
  const domains = new Map();
  for (const account of map.accounts) {
    if (!domains.has(account.domain)) domains.set(account.domain, []);
    domains.get(account.domain).push(account);
  }
  const visible = [...domains.values()].filter((accounts) => !isFiltering() || accounts.some((account) => shown.has(account.number)));
  document.querySelector("#domains .count").textContent = String(domains.size);
  place.textContent = "";
  if (visible.length) {
    const body = el("tbody", {});
    const table = el("table", { class: "facts-table domains" },
      el("caption", { class: "unseen", text: "Domains, who stewards them, and their accounts in every environment" }),
      headings("Domain", "Team", "On call", "Cost centre", "Runbook", ...map.environments), body);
    const foot = scrolling("Domains by environments; arrow keys move between accounts", table);
    inPieces(body, visible, 60, (accounts) => domainRow(accounts, map.environments), "domain", foot);
    place.append(foot);
    const first = body.querySelector(".cell");
    if (first) first.setAttribute("tabindex", "0");
  }
  const hidden = hiddenNote(domains.size - visible.length, "domain");
  if (hidden) place.append(hidden);
  if (!domains.size) place.append(el("p", { class: "quiet", text: "There are no domains yet." }));
}

function renderTeams() {
  const place = document.querySelector("#teams .items");
  const accounts = new Map(map.teams.map((team) => [team.name, { accounts: 0, domains: new Set() }]));
  for (const account of map.accounts) {
    const own = accounts.get(account.team);
    if (!own) continue;
    own.accounts += 1;
    own.domains.add(account.domain);
  }
  document.querySelector("#teams .count").textContent = String(map.teams.length);
  if (!map.teams.length) { place.append(el("p", { class: "quiet", text: "There are no teams yet." })); return; }
  const body = el("tbody", {});
  const foot = scrolling("Teams", el("table", { class: "facts-table" }, el("caption", { class: "unseen", text: "Teams, and how to reach them" }),
    headings("Team", "On call", "Chat", "E-mail", "Cost centre", "GitHub", "Identity group", "Domains", "Accounts"), body));
  inPieces(body, map.teams, 60, (team) => {
    const own = accounts.get(team.name);
    return el("tr", {}, el("th", { scope: "row", text: team.name }),
      [team.on_call, team.slack, team.email, team.cost_center, team.github, team.identity_group].map((value) => el("td", {}, known(value))),
      el("td", { class: "number", text: own.domains.size }),
      el("td", { class: "number" }, own.accounts ? el("button", { type: "button", class: "link", text: own.accounts, "aria-label": "Show the accounts of " + visibleLine(team.name), onclick: () => filterBy("team", team.name) }) : "0"));
  }, "team", foot);
  place.append(foot);
}

function renderFeatures() {
  const place = document.querySelector("#features .items");
  document.querySelector("#features .count").textContent = String(map.features.length);
  const of = (environment) => map.accounts.filter((account) => account.environment === environment);
  const environments = map.environments.map((name) => ({ name, accounts: of(name) })).filter(({ accounts }) => accounts.length);
  if (!map.features.length) { place.append(el("p", { class: "quiet", text: "There are no features." })); return; }
  place.append(scrolling("Features", el("table", { class: "facts-table features" }, el("caption", { class: "unseen", text: "In how many accounts of each environment every feature is on" }),
    headings("Feature", ...environments.map(({ name }) => name)),
    el("tbody", {}, map.features.map((feature) => el("tr", {},
      el("th", { scope: "row" }, el("button", { type: "button", class: "link", text: feature.name, onclick: () => filterBy("feature", "+" + feature.name) }), el("span", { class: "why", text: feature.description })),
      environments.map(({ accounts }) => {
        const on = accounts.filter((account) => account.features.includes(feature.name)).length;
        return el("td", { class: on === 0 ? "off" : on === accounts.length ? "on" : "some" }, on === 0 ? "off" : on === accounts.length ? "on in all " + accounts.length.toLocaleString("en") : "on in " + on.toLocaleString("en") + " of " + accounts.length.toLocaleString("en"));
      })))))));
}
