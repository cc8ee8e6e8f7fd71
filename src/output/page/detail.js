// The sheet with one account's or one pattern's diff.

/** Puts this account's values where a pattern has tokens such as {account_id}. */
function inPlaceOf(text, values) {
  return text.replace(/\{[a-z0-9_.:-]+\}/gi, (token) => (Object.hasOwn(values, token) ? values[token] : token));
}

function valueCell(value, kind, values) {
  if (value === null) return el("td", { class: "absent" }, el("span", { class: "unseen", text: "absent" }));
  const cell = el("td", { class: kind });
  const text = visible(inPlaceOf(value, values));
  const pre = el("span", { class: "value" });
  pre.textContent = text.length > 2000 ? text.slice(0, 2000) + "\u2026" : text;
  cell.append(pre);
  if (text.length > 2000) {
    cell.append(el("button", { type: "button", class: "link", text: "whole value", onclick: (event) => { pre.textContent = text; event.target.remove(); } }));
  }
  return cell;
}

function attributeRow(attribute, values) {
  const [path, before, after, note] = attribute;
  return el("tr", { class: note === "forces replacement" ? "forces" : null },
    el("th", { scope: "row" }, el("code", { text: path }), note ? badge(note, note === "forces replacement" ? "replace" : "") : null),
    valueCell(before, "before", values), valueCell(after, "after", values));
}

function changeItem(change, values) {
  const action = actionOf(change.action);
  const body = el("table", { class: "diff" },
    el("caption", { class: "unseen", text: "Attributes of " + change.address }),
    el("thead", { class: "unseen" }, el("tr", {}, ["Attribute", "Before", "After"].map((text) => el("th", { scope: "col", text })))),
    el("tbody", {}, change.attributes.map((attribute) => attributeRow(attribute, values))));
  return el("li", { class: "change " + action.name },
    el("div", { class: "head" }, markOf(action), el("span", { class: "unseen", text: action.verb }), el("code", { text: inPlaceOf(change.address, values) })),
    change.notes.map((note) => el("p", { class: "why", text: note })),
    change.attributes.length ? body : null);
}

function diffList(changeIds, values) {
  const list = el("ol", { class: "diff-list" });
  inPieces(list, changeIds, 60, (id) => changeItem(review.changes[id], values), "change");
  return list;
}

function openAccount(id) {
  const account = review.accounts[id];
  const pattern = account.own;
  openSheet(account.key, [
    el("p", { class: "facts" },
      account.team ? badge("team " + account.team) : null, badge(account.environment),
      account.protected ? badge("protected", "delete") : null,
      account.state !== "planned" ? badge(account.state, "missing") : null,
      pattern && pattern.changes.length && !pattern.lone
        ? el("button", { type: "button", class: "link", text: pattern.accounts.length > 1 ? "pattern " + pattern.name + ", with " + count(pattern.accounts.length - 1, "other") : "pattern " + pattern.name + ", alone", onclick: () => openPattern(account.pattern) })
        : null),
    account.reason ? el("p", { class: "reason", text: account.reason }) : null,
    account.outlier ? el("div", { class: "note" }, el("h3", { text: "Different from its nearest pattern" }), el("ul", {}, account.outlier.differences.map((text) => el("li", { text })))) : null,
    account.policy.length ? el("div", { class: "note" }, el("h3", { text: "Policy" }), el("ul", {}, account.policy.map((verdict) => el("li", {}, badge(verdict.level, verdict.level === "warn" ? "update" : "delete"), " ", verdict.message)))) : null,
    ownValues(pattern, id),
    pattern ? tallyLine(pattern.tally) : null,
    pattern && pattern.changes.length ? diffList(pattern.changes, account.values) : el("p", { class: "quiet", text: pattern ? "Nothing changes." : "There is no plan to show." }),
  ], account.key);
}

function openCommon() {
  openSheet("The same in " + count(review.common.patterns.length, "pattern"), [
    el("p", { class: "facts" }, tallyLine(tally(review.common.changes))),
    diffList(review.common.changes, {}),
  ], "common");
}

function openPattern(index) {
  const pattern = review.patterns[index];
  openSheet("Pattern " + pattern.name, [
    el("p", { class: "facts" }, badge(count(pattern.accounts.length, "account")), tallyLine(pattern.tally)),
    pattern.note ? el("p", { class: "why", text: pattern.note }) : null,
    pattern.varying.length ? el("div", { class: "note" }, el("h3", { text: "Differs between accounts" }), varyingTable(pattern)) : null,
    diffList(pattern.changes, {}),
    el("h3", { text: "Accounts" }), accountList(pattern.accounts, false),
  ], "pattern-" + pattern.name);
}

/** What this account has where its pattern's accounts differ. */
function ownValues(pattern, id) {
  const rows = pattern ? pattern.varying.map((row) => ({ path: row.path, entry: row.values.find((entry) => entry.accounts.includes(id)) })).filter((row) => row.entry) : [];
  if (!rows.length) return null;
  return el("div", { class: "note" }, el("h3", { text: "Here, where the pattern's accounts differ" }), el("table", { class: "varying" },
    el("tbody", {}, rows.map((row) => el("tr", {}, el("th", { scope: "row" }, el("code", { text: row.path })), el("td", {}, el("span", { class: "value", text: row.entry.value })))))));
}

/** One row for each path whose value is not the same everywhere. */
function varyingTable(pattern) {
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Values that differ" }, el("table", { class: "varying" },
    el("thead", {}, el("tr", {}, ["Where", "Value", "Accounts"].map((text) => el("th", { scope: "col", text })))),
    el("tbody", {}, pattern.varying.flatMap((row) => row.values.map((entry, index) => el("tr", {},
      index === 0 ? el("th", { scope: "rowgroup", rowspan: row.values.length }, el("code", { text: row.path })) : null,
      el("td", {}, el("span", { class: "value", text: entry.value })), el("td", {}, accountList(entry.accounts, false))))))));
}

/** Opens what the address of the page names, so that a comment can link to an account. */
function openFromAddress() {
  let name = "";
  try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const account = review.accounts.findIndex((candidate) => candidate.key === name);
  const pattern = review.patterns.findIndex((candidate) => "pattern-" + candidate.name === name);
  if (account >= 0) openAccount(account);
  else if (pattern >= 0) openPattern(pattern);
  else if (name === "common" && review.common !== null) openCommon();
}
