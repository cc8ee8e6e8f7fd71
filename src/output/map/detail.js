// The sheet with one account, or one block of addresses.

function factList(entries) {
  return el("dl", { class: "facts-list wide-facts" }, entries.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", {}, value))));
}

function code(value) {
  return value ? el("code", { text: value }) : null;
}

/** The blocks before and behind one: who is next door. */
function neighbours(block) {
  const { blocks } = block.pool;
  const next = (index) => {
    const other = blocks[index];
    if (!other) return el("span", { class: "quiet", text: "the end of the pool" });
    return el("span", {}, el("button", { type: "button", class: "link", text: other.cidr, onclick: () => openBlock(other) }),
      " " + (other.account ? other.account + (other.kind === "quarantined" ? ", quarantined" : "") : other.kind));
  };
  return [["Before it", next(block.index - 1)], ["Behind it", next(block.index + 1)]];
}

function section(title, ...content) {
  return el("section", { class: "part" }, el("h3", { text: title }), content);
}

function openAccount(account) {
  const { steward, product } = account;
  const off = map.features.map((feature) => feature.name).filter((name) => !account.features.includes(name));
  const tags = Object.entries(account.tags);
  const contacts = Object.entries(steward.contacts);
  openSheet(account.key, [
    el("p", { class: "facts" }, badge(account.lifecycle, account.lifecycle === "active" ? "" : "replace"), badge("wave " + account.wave),
      account.protected ? badge("protected", "delete") : null, account.exists ? null : badge("not made yet", "missing")),
    product.description ? el("p", { text: product.description }) : null,
    section("When it breaks", factList([
      ["Team", steward.name], ["On call", steward.on_call || el("span", { class: "quiet", text: "nobody is named" })], ["Chat", steward.slack], ["E-mail", steward.email],
      ["Runbook", product.runbook ? webLink(product.runbook) : el("span", { class: "quiet", text: "there is none" })], ["Repository", product.repository],
    ])),
    section("The account", factList([
      ["Id", code(account.id)], ["Name", account.name], ["Root e-mail", account.email], ["Unit", account.unit], ["Region", account.region],
      ["Support", account.support], ["Cost centre", steward.cost_center], ["GitHub", steward.github], ["Identity group", steward.identity_group],
      ["Renamed from", product.renamed_from], ["State key", code(account.state_key)],
    ])),
    section("Network", account.network === null ? el("p", { class: "quiet", text: "It has no network block." }) : factList([
      ["Block", code(account.network)], ["Addresses", code(dotted(account.range.start) + " \u2013 " + dotted(account.range.start + account.range.size - 1))],
      ["Zones", account.zones.join(", ")], ["Pool", account.block ? code(account.block.pool.cidr) : "none"], ...(account.block ? neighbours(account.block) : []),
    ])),
    section("Features", el("p", { class: "facts" }, account.features.map((name) => badge(name, "on"))),
      off.length ? el("p", { class: "facts" }, el("span", { class: "quiet", text: "off:" }), off.map((name) => badge(name, "off"))) : null),
    contacts.length ? section("AWS writes to", factList(contacts.map(([kind, contact]) => [kind, contact.name + ", " + contact.email + ", " + contact.phone]))) : null,
    tags.length ? section("Tags", factList(tags.map(([name, value]) => [name, code(value)]))) : null,
  ], account.key);
}

function openBlock(block) {
  if (block.holder) { openAccount(block.holder); return; }
  const fits = block.pool.room.filter(({ prefix }) => prefix >= block.prefix).map(({ prefix }) => count(2 ** (prefix - block.prefix), "/" + prefix, "/" + prefix));
  const what = {
    held: "An account has it that is not on this map.",
    free: fits.length ? "Room for " + fits.join(" or ") + "." : "Too small for what accounts ask for here.",
    reserved: "No account may get it: [network] reserved in domains.toml says so.",
    quarantined: "The account " + block.account + " had it and is gone. Nobody gets it" + (block.until ? " before " + block.until + "." : "."),
  }[block.kind];
  openSheet(block.cidr, [
    el("p", { class: "facts" }, badge(block.kind)),
    el("p", { text: what }),
    factList([["First address", code(dotted(block.start))], ["Last address", code(dotted(block.start + block.size - 1))],
      ["Addresses", block.size.toLocaleString("en")], ["Pool", code(block.pool.cidr)], ...neighbours(block)]),
  ], block.cidr);
}

/** Opens what the address of the page names. */
function openFromAddress() {
  let name = "";
  try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  if (ACCOUNT.has(name)) openAccount(ACCOUNT.get(name));
  for (const pool of map.address_space.pools) {
    const block = name.includes("/") && pool.blocks.find((candidate) => candidate.cidr === name);
    if (block) openBlock(block);
  }
}
