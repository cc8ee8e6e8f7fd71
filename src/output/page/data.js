// The review, and what can be known of it before anybody asks.

const review = JSON.parse(document.getElementById("model").textContent);

/** What happens, worst first. The mark says it without colour. */
const ACTIONS = [
  ["delete", "\u2212", "destroy"],
  ["replace", "\u00b1", "replace"],
  ["forget", "\u2298", "forget"],
  ["update", "~", "change"],
  ["create", "+", "add"],
  ["import", "\u2913", "import"],
  ["move", "\u2192", "move"],
  ["read", "\u25e6", "read"],
  ["other", "!", "other"],
].map(([name, mark, verb], rank) => ({ name, mark, verb, rank }));
const ACTION = Object.fromEntries(ACTIONS.map((action) => [action.name, action]));
const UNKNOWN_STATE = { name: "missing", mark: "?", verb: "not planned", rank: -1 };
const NOTHING = { name: "none", mark: "\u00b7", verb: "no change", rank: 99 };

function actionOf(name) {
  return ACTION[name] || ACTION.other;
}

/** How often each action occurs in a list of changes, worst first. */
function tally(changeIds) {
  const counts = new Map();
  for (const id of changeIds) {
    const action = actionOf(review.changes[id].action);
    counts.set(action, (counts.get(action) || 0) + 1);
  }
  return [...counts].sort((a, b) => a[0].rank - b[0].rank).map(([action, number]) => ({ action, number }));
}

// What patterns have in common is shown once; each shows what it has beside.
const COMMON = new Set(review.common === null ? [] : review.common.changes);
review.patterns.forEach((pattern, index) => {
  pattern.tally = tally(pattern.changes);
  pattern.joins = review.common !== null && review.common.patterns.includes(index);
  pattern.beside = pattern.joins ? pattern.changes.filter((id) => !COMMON.has(id)) : pattern.changes;
});

review.accounts.forEach((account, id) => {
  account.id = id;
  account.own = account.pattern === null ? null : review.patterns[account.pattern];
  account.worst = account.own && account.own.tally.length ? account.own.tally[0].action : NOTHING;
  if (account.state === "not planned") account.worst = UNKNOWN_STATE;
  account.outlier = null;
  account.dangers = [];
  account.policy = [];
});
review.outliers.forEach((outlier) => { review.accounts[outlier.account].outlier = outlier; });
review.dangers.forEach((danger) => danger.accounts.forEach((id) => review.accounts[id].dangers.push(danger)));
review.policy.forEach((verdict) => verdict.accounts.forEach((id) => review.accounts[id].policy.push(verdict)));

/** Lower-case text that a search over a pattern looks through; made when the first search comes. */
function searchText(pattern) {
  if (pattern.text === undefined) {
    pattern.text = pattern.changes
      .map((id) => {
        const change = review.changes[id];
        return change.address + "\n" + change.type + "\n" + change.attributes.map((attribute) => attribute.slice(0, 3).join("\n")).join("\n");
      })
      .join("\n")
      .toLowerCase();
  }
  return pattern.text;
}

function sortedUnique(values) {
  return [...new Set(values)].filter((value) => value !== "").sort();
}
const TEAMS = sortedUnique(review.accounts.map((account) => account.team));
const DOMAINS = sortedUnique(review.accounts.map((account) => account.domain));
