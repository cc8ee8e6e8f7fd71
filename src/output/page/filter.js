// Which accounts the reader wants to see.

const filter = { text: "", team: "", domain: "", environment: "", action: "" };
let shown = new Set();

function isFiltering() {
  return Object.values(filter).some((value) => value !== "");
}

function matchesAction(account) {
  if (filter.action === "") return true;
  if (filter.action === "missing") return account.state !== "planned";
  if (filter.action === "none") return account.worst === NOTHING;
  return account.own !== null && account.own.tally.some(({ action }) => action.name === filter.action);
}

function matchesText(account, words) {
  return words.every((word) =>
    account.key.toLowerCase().includes(word) || account.team.toLowerCase().includes(word) ||
    (account.reason || "").toLowerCase().includes(word) ||
    (account.own !== null && searchText(account.own).includes(word)) ||
    account.policy.some((verdict) => verdict.message.toLowerCase().includes(word)));
}

function applyFilter() {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  shown = new Set();
  for (const account of review.accounts) {
    if ((filter.team === "" || account.team === filter.team) &&
        (filter.domain === "" || account.domain === filter.domain) &&
        (filter.environment === "" || account.environment === filter.environment) &&
        matchesAction(account) && matchesText(account, words)) shown.add(account.id);
  }
}

/** Whether something that concerns these accounts should be seen; what concerns none in particular always is. */
function concernsShown(accountIds) {
  return accountIds.length === 0 || accountIds.some((id) => shown.has(id));
}

function buildFilter(form) {
  let waiting = 0;
  const search = el("input", {
    id: "search", type: "search", placeholder: "account, resource, value\u2026", autocomplete: "off", spellcheck: "false",
    "aria-keyshortcuts": "/",
    oninput: (event) => {
      filter.text = event.target.value;
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(render);
    },
  });
  const same = (values) => values.map((value) => [value, value]);
  const used = new Set(review.patterns.flatMap((pattern) => pattern.tally.map(({ action }) => action)));
  const actions = ACTIONS.filter((action) => used.has(action)).map((action) => [action.name, action.mark + " " + action.verb]);
  actions.push(["none", NOTHING.mark + " no change"], ["missing", UNKNOWN_STATE.mark + " not planned or failed"]);
  form.append(
    el("div", { class: "field grow" }, el("label", { for: "search" }, "Search ", el("kbd", { text: "/", "aria-hidden": "true" })), search),
    choice("team", "Team", same(TEAMS), "team"),
    choice("domain", "Domain", same(DOMAINS), "domain"),
    choice("environment", "Environment", same(review.environments), "environment"),
    choice("action", "What happens", actions, "action"),
    el("button", { type: "reset", id: "reset", text: "Clear" }),
    el("output", { id: "matches", for: "search team domain environment action" }));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    Object.keys(filter).forEach((key) => { filter[key] = ""; });
    setTimeout(render);
  });
}

/** Shows accounts of one kind, as a figure of the summary asks. */
function filterByAction(name) {
  filter.action = name;
  document.getElementById("action").value = name;
  render();
}
