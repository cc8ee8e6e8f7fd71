// The lists: dangers, policy, not planned, outliers, patterns.

function markOf(action) {
  return el("span", { class: "swatch " + action.name, "aria-hidden": "true", text: action.mark });
}

function accountLink(id) {
  const account = review.accounts[id];
  return el("button", {
    type: "button", class: "account" + (shown.has(id) ? "" : " dim"), "data-account": account.key, onclick: () => openAccount(id), text: account.key,
  });
}

/** Account names. Lists of dangers are written out in full; elsewhere a long list starts short. */
function accountList(ids, whole) {
  const list = el("div", { class: "accounts" });
  inPieces(list, ids, whole ? Infinity : 24, accountLink, "account");
  return list;
}

function fill(section, items, noun, empty, make, wrapper) {
  const place = section.querySelector(".items");
  const visibleItems = items.filter((item) => concernsShown(item.accounts));
  place.textContent = "";
  section.querySelector(".count").textContent = items.length ? String(items.length) : "";
  const list = el(wrapper || "ul", { class: "list" });
  visibleItems.forEach((item) => list.append(make(item)));
  if (visibleItems.length) place.append(list);
  const note = hiddenNote(items.length - visibleItems.length, noun);
  if (note) place.append(note);
  if (!items.length) place.append(el("p", { class: "quiet", text: empty }));
}

function dangerItem(danger) {
  return el("li", { class: "danger" + (danger.protected ? " protected" : "") },
    markOf(actionOf(danger.action)),
    el("div", {},
      el("div", { class: "head" }, el("strong", { text: danger.kind }), el("code", { text: danger.address }),
        danger.protected ? badge("protected", "delete") : null,
        danger.accounts.length > 1 ? badge(count(danger.accounts.length, "account")) : null),
      danger.text ? el("p", { class: "why", text: danger.text }) : null,
      accountList(danger.accounts, true)));
}

function policyItem(verdict) {
  const kind = verdict.level === "warn" ? "update" : "delete";
  return el("li", { class: "verdict " + verdict.level },
    el("span", { class: "badge " + kind, text: verdict.level }),
    el("div", {},
      el("p", { class: "message", text: verdict.message }),
      el("p", { class: "why" }, el("code", { text: verdict.rule }), verdict.place ? " \u00b7 " + verdict.place : ""),
      verdict.accounts.length ? accountList(verdict.accounts, verdict.level !== "warn") : null));
}

function missingItem(item) {
  const account = review.accounts[item.accounts[0]];
  return el("li", { class: "verdict" }, markOf(UNKNOWN_STATE),
    el("div", {}, el("div", { class: "head" }, accountLink(account.id), badge(account.state, "missing")),
      account.reason ? el("p", { class: "why", text: account.reason }) : null));
}

function outlierItem(outlier) {
  const account = review.accounts[outlier.accounts[0]];
  const nearest = outlier.nearest === null ? null : review.patterns[outlier.nearest];
  return el("li", { class: "verdict" }, markOf(account.worst),
    el("div", {},
      el("div", { class: "head" }, accountLink(account.id),
        nearest ? el("span", {}, "as the " + count(nearest.accounts.length, "account") + " of ",
          el("button", { type: "button", class: "link", onclick: () => openPattern(outlier.nearest), text: "pattern " + nearest.name }), ", except:") : null),
      el("ul", { class: "differences" }, outlier.differences.map((text) => el("li", { text })))));
}

function driftItem(entry) {
  return el("li", { class: "verdict" }, markOf(actionOf("other")),
    el("div", {}, el("ul", { class: "differences" }, entry.lines.map((text) => el("li", { text }))), accountList(entry.accounts, false)));
}

/** What is different from the last review; the section is there only if there was one. */
function renderSince() {
  if (review.since === null) return;
  const section = document.getElementById("since");
  section.hidden = false;
  section.querySelector(".items").append(review.since.length
    ? el("ul", { class: "differences" }, review.since.map((text) => el("li", { text })))
    : el("p", { class: "quiet", text: "Nothing is different." }));
}

function tallyLine(tallies) {
  return el("span", { class: "tally" }, tallies.map(({ action, number }) =>
    el("span", { class: "count-of " + action.name }, el("b", { text: action.mark + number }), " " + action.verb)));
}

/** Changes, a line each, a few at a time. */
function changeList(changeIds) {
  const list = el("ol", { class: "changes" });
  inPieces(list, changeIds, 6, (id) => {
    const change = review.changes[id];
    return el("li", {}, markOf(actionOf(change.action)), el("code", { text: change.address }),
      change.copies > 1 ? badge("\u00d7" + change.copies) : null);
  }, "change");
  return list;
}

/** What patterns have in common, before any of them. */
function commonItem(common) {
  const accounts = common.patterns.flatMap((index) => review.patterns[index].accounts);
  const visibleAccounts = accounts.filter((id) => shown.has(id));
  if (!visibleAccounts.length) return null;
  const which = common.patterns.length === review.patterns.filter((pattern) => !pattern.lone).length
    ? "in all " + count(common.patterns.length, "pattern") : "in patterns " + common.patterns.map((index) => review.patterns[index].name).join(", ");
  return el("article", { class: "pattern common", "aria-labelledby": "common-heading" },
    el("header", {}, el("h3", { id: "common-heading" }, "The same " + which + ", " + count(accounts.length, "account")), tallyLine(tally(common.changes)),
      el("button", { type: "button", class: "open", onclick: openCommon, text: "Open diff", "aria-label": "Open the diff of what is the same" })),
    changeList(common.changes));
}

function patternItem(entry) {
  const pattern = entry.pattern;
  const seen = pattern.accounts.filter((id) => shown.has(id));
  const heading = "pattern-" + entry.index + "-heading";
  return el("article", { class: "pattern", "aria-labelledby": heading },
    el("header", {},
      el("h3", { id: heading }, el("span", { class: "letter", text: pattern.name }), " " + count(pattern.accounts.length, "account"),
        seen.length < pattern.accounts.length ? el("span", { class: "quiet", text: " (" + seen.length + " shown)" }) : null),
      tallyLine(pattern.tally),
      el("button", { type: "button", class: "open", "data-pattern": pattern.name, onclick: () => openPattern(entry.index), text: "Open diff", "aria-label": "Open the diff of pattern " + pattern.name })),
    pattern.note ? el("p", { class: "why", text: pattern.note }) : null,
    pattern.joins ? el("p", { class: "quiet", text: pattern.beside.length ? "What is the same, and:" : "What is the same, and nothing else." }) : null,
    changeList(pattern.beside), accountList(seen, false));
}

const missingEntries = review.accounts.filter((account) => account.state !== "planned").map((account) => ({ accounts: [account.id] }));
const outlierEntries = review.outliers.map((outlier) => ({ accounts: [outlier.account], nearest: outlier.nearest, differences: outlier.differences }));
const patternEntries = review.patterns.map((pattern, index) => ({ pattern, index, accounts: pattern.accounts })).filter((entry) => entry.pattern.changes.length > 0 && !entry.pattern.lone);

function renderFindings() {
  const section = (id) => document.getElementById(id);
  fill(section("dangers"), review.dangers, "danger", "Nothing is destroyed, replaced, forgotten or opened.", dangerItem);
  fill(section("policy"), review.policy, "verdict", review.policies_ran ? "Every policy holds." : "No policies were given to this review.", policyItem);
  fill(section("missing"), missingEntries, "account", "Every account was planned.", missingItem);
  fill(section("outliers"), outlierEntries, "outlier", "Every account follows a pattern.", outlierItem);
  section("drift").hidden = review.drift.length === 0;
  fill(section("drift"), review.drift, "drift", "", driftItem);
  const patterns = section("patterns");
  const visibleEntries = patternEntries.filter((entry) => concernsShown(entry.accounts));
  patterns.querySelector(".count").textContent = patternEntries.length ? String(patternEntries.length) : "";
  const place = patterns.querySelector(".items");
  place.textContent = "";
  const common = review.common === null ? null : commonItem(review.common);
  if (common) place.append(common);
  const listed = el("div", { class: "listed" });
  place.append(listed);
  inPieces(listed, visibleEntries, 30, patternItem, "pattern");
  const note = hiddenNote(patternEntries.length - visibleEntries.length, "pattern");
  if (note) place.append(note);
  if (!patternEntries.length) place.append(el("p", { class: "quiet", text: "No account changes." }));
}
