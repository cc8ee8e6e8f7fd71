// Which accounts the reader wants to see.

const filter = { text: "", team: "", environment: "", wave: "", state: "", feature: "" };
let shown = new Set();

function isFiltering() {
  return Object.values(filter).some((value) => value !== "");
}

/** `active`, `retiring`, `closed`; and `new` for those that do not exist. */
function isIn(account, state) {
  if (state === "new") return !account.exists;
  if (state === "protected") return account.protected;
  if (state === "uncalled") return !account.steward.on_call;
  return account.lifecycle === state;
}

/** `+network` asks for the feature, `-network` for accounts that do without. */
function hasFeature(account, wish) {
  return account.features.includes(wish.slice(1)) === (wish[0] === "+");
}

function has(account, wanted) {
  return account.range !== null && wanted >= account.range.start && wanted < account.range.start + account.range.size;
}

function matchesWord(account, word) {
  const wanted = address(word);
  return wanted === null ? searchText(account).includes(word) : has(account, wanted);
}

function applyFilter() {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  shown = new Set();
  for (const account of map.accounts) {
    if ((filter.team === "" || account.team === filter.team) &&
        (filter.environment === "" || account.environment === filter.environment) &&
        (filter.wave === "" || account.wave === filter.wave) &&
        (filter.state === "" || isIn(account, filter.state)) &&
        (filter.feature === "" || hasFeature(account, filter.feature)) &&
        words.every((word) => matchesWord(account, word))) shown.add(account.number);
  }
}

/** Says whose an address is that somebody searches for, also where it is no account's. */
function renderWhose() {
  const place = document.getElementById("whose");
  const wanted = address(filter.text.trim());
  place.hidden = wanted === null;
  place.textContent = "";
  if (wanted === null) return;
  const account = map.accounts.find((candidate) => has(candidate, wanted));
  const block = blockOf(wanted);
  place.append(el("strong", { text: dotted(wanted) }), " ");
  if (account) into(place, ["is in ", el("code", { text: account.network }), ", the block of ", accountLink(account), "."]);
  else if (block) into(place, ["is nobody's: ", el("code", { text: block.cidr }), " is " + block.kind + ", in the pool ", el("code", { text: block.pool.cidr }), "."]);
  else into(place, ["is in no pool, and in no account's block."]);
}

const OTHER_STATES = [["new", "not made yet"], ["protected", "protected"], ["uncalled", "nobody on call"]];

function buildFilter(form) {
  let waiting = 0;
  const search = el("input", {
    id: "search", type: "search", placeholder: "account, id, address, person\u2026", autocomplete: "off", spellcheck: "false", "aria-keyshortcuts": "/",
    oninput: (event) => {
      filter.text = event.target.value;
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(render);
    },
  });
  const same = (values) => values.map((value) => [value, value]);
  const lifecycles = ["active", "retiring", "closed"].filter((name) => map.accounts.some((account) => account.lifecycle === name));
  const states = [...same(lifecycles), ...OTHER_STATES.filter(([name]) => map.accounts.some((account) => isIn(account, name)))];
  const features = map.features.flatMap(({ name }) => [["+" + name, "with " + name], ["-" + name, "without " + name]]);
  form.append(
    el("div", { class: "field grow" }, el("label", { for: "search" }, "Search ", el("kbd", { text: "/", "aria-hidden": "true" })), search),
    choice("team", "Team", same(map.teams.map((team) => team.name)), "team"),
    choice("environment", "Environment", same(map.environments), "environment"),
    choice("wave", "Wave", same(map.waves), "wave"),
    choice("state", "State", states, "state"),
    choice("feature", "Feature", features, "feature"),
    el("button", { type: "reset", id: "reset", text: "Clear" }),
    el("output", { id: "matches", for: "search team environment wave state feature" }));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    Object.keys(filter).forEach((key) => { filter[key] = ""; });
    setTimeout(render);
  });
}

/** Shows accounts of one kind, as a figure asks. */
function filterBy(key, value) {
  filter[key] = value;
  document.getElementById(key).value = value;
  render();
}
