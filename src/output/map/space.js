// The address space: every pool as a strip, as rows that can be looked into, and as a table.

function blockLabel(block) {
  const who = block.kind === "held" ? block.account : block.kind === "quarantined" ? "quarantined, was " + block.account : block.kind;
  return block.cidr + ": " + who;
}

function classOf(block) {
  const dim = isFiltering() && !(block.holder && shown.has(block.holder.number));
  const holder = block.holder;
  return "block " + block.kind + (holder ? " hue-" + holder.hue + (holder.exists ? "" : " new") : "") + (dim ? " dim" : "");
}

function blockButton(block) {
  return el("button", { type: "button", class: classOf(block), tabindex: "-1", "data-block": block.cidr, "data-account": block.holder ? block.account : null,
    title: visibleLine(blockLabel(block)), "aria-label": visibleLine(blockLabel(block)), onclick: () => openBlock(block) });
}

/** What stands in a block of so many pixels: the account, its domain alone (the colour says the rest), or nothing. */
function nameIn(block, width) {
  if (width < 40) return "";
  if (block.kind !== "held") return width < 84 ? "" : block.kind;
  return width < block.account.length * 6.6 + 12 && block.holder ? block.holder.domain : block.account;
}

/** Blocks to scale. */
function scaledRow(line, width) {
  const bar = el("div", { class: "scale" });
  for (const block of line.blocks) {
    const share = block.size / line.size;
    const button = blockButton(block);
    button.style.left = (block.start - line.start) / line.size * 100 + "%";
    button.style.width = share * 100 + "%";
    const label = nameIn(block, share * width);
    if (label) button.append(el("span", { "aria-hidden": "true", text: label }));
    bar.append(button);
  }
  return bar;
}

/** What fills whole rows: what it is, and how large. */
function wholeRow(line) {
  const first = line.blocks[0];
  const parts = line.blocks.map((block) => {
    const button = blockButton(block);
    button.append(el("span", { "aria-hidden": "true", text: block.kind === "free" ? "/" + block.prefix : block.kind === "reserved" ? "reserved /" + block.prefix : block.account }));
    return button;
  });
  return el("div", { class: "whole " + first.kind }, parts,
    el("span", { class: "quiet", text: (first.kind === "free" ? "free: " : "") + line.size.toLocaleString("en") + " addresses to " + dotted(line.start + line.size - 1) }));
}

function isVisible(line) {
  return !isFiltering() || line.blocks.some((block) => block.holder && shown.has(block.holder.number));
}

function renderRows(pool) {
  const place = pool.place;
  const width = Math.max(160, place.clientWidth - 120);
  if (pool.row === undefined) pool.row = usualRow(pool, width);
  const lines = linesOf(pool, pool.row);
  const visible = lines.filter(isVisible);
  place.textContent = "";
  const rows = el("div", { class: "rows", role: "group", "aria-label": "The blocks of " + pool.cidr + "; arrow keys move between them" });
  inPieces(rows, visible, 40, (line) => el("div", { class: "row" }, el("span", { class: "at", text: dotted(line.start) }), line.whole ? wholeRow(line) : scaledRow(line, width)), "row", place);
  place.prepend(rows);
  rows.addEventListener("keydown", walkBlocks);
  const first = rows.querySelector(".block");
  if (first) first.setAttribute("tabindex", "0");
  const hidden = hiddenNote(lines.length - visible.length, "row");
  if (hidden) place.append(hidden);
  pool.scale.textContent = "A row is a /" + pool.row + ": " + (2 ** (32 - pool.row)).toLocaleString("en") + " addresses";
  pool.closer.disabled = clampRow(pool, pool.row + 1) === pool.row;
  pool.wider.disabled = clampRow(pool, pool.row - 1) === pool.row;
}

/** Left and right go through the blocks in order; up and down to the row that is next, as near as can be. */
function walkBlocks(event) {
  const block = event.target.closest(".block");
  if (!block || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll(".block")];
  let target = null;
  if (event.key === "Home") target = all[0];
  else if (event.key === "End") target = all[all.length - 1];
  else if (event.key === "ArrowLeft") target = all[all.indexOf(block) - 1];
  else if (event.key === "ArrowRight") target = all[all.indexOf(block) + 1];
  else {
    const row = block.closest(".row");
    const next = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
    const middle = (element) => element.offsetLeft + element.offsetWidth / 2;
    const near = next ? [...next.querySelectorAll(".block")] : [];
    target = near.sort((a, b) => Math.abs(middle(a) - middle(block)) - Math.abs(middle(b) - middle(block)))[0];
  }
  if (!target) return;
  block.setAttribute("tabindex", "-1");
  target.setAttribute("tabindex", "0");
  target.focus();
}

function zoom(pool, step) {
  pool.row = clampRow(pool, pool.row + step);
  renderRows(pool);
}

const held = (pool) => KINDS.map(([kind]) => kind).filter((kind) => kind !== "free" && pool[kind] > 0)
  .map((kind) => percent(pool[kind] / pool.addresses) + " " + kind);

function strip(pool) {
  const spoken = pool.cidr + ": " + [percent(pool.free / pool.addresses) + " free", ...held(pool)].join(", ");
  return el("div", { class: "strip" },
    shape("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none", role: "img", "aria-label": spoken },
      KINDS.map(([kind]) => shape("path", { class: kind, d: stripPath(pool, kind) || "M0 0" }))),
    el("div", { class: "ends", "aria-hidden": "true" }, [0, 1, 2, 3].map((quarter) => el("span", { text: dotted(pool.start + pool.size / 4 * quarter) }))));
}

function room(pool) {
  return pool.room.map(({ prefix, blocks }) => blocks.toLocaleString("en") + " \u00d7 /" + prefix).join(" or ");
}

function facts(pool) {
  const list = [
    ["Free", percent(pool.free / pool.addresses) + ", " + pool.free.toLocaleString("en") + " addresses"],
    ["Largest free block", pool.largest_free === null ? "none" : "/" + pool.largest_free],
    ["Room for", room(pool) || "nobody asks"],
    ["Fragmented", percent(pool.fragmentation)],
    ["Taken", held(pool).join(", ") || "nothing"],
  ];
  return el("dl", { class: "facts-list" }, list.map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", { text: value }))));
}

function poolTable(pool) {
  const details = el("details", {}, el("summary", { text: "All " + count(pool.blocks.length, "block") + " as a table" }));
  details.addEventListener("toggle", () => {
    if (details.querySelector("table")) return;
    const body = el("tbody", {});
    const foot = scrolling("Blocks of " + pool.cidr, el("table", { class: "facts-table" }, el("caption", { class: "unseen", text: "Blocks of " + pool.cidr }),
      headings("Block", "Last address", "Addresses", "What", "Account", "Free from"), body));
    inPieces(body, pool.blocks, 200, (block) => el("tr", {},
      el("th", { scope: "row" }, el("code", { text: block.cidr })), el("td", {}, el("code", { text: dotted(block.start + block.size - 1) })),
      el("td", { class: "number", text: block.size.toLocaleString("en") }), el("td", { text: block.kind }),
      el("td", {}, block.holder ? accountLink(block.holder) : known(block.account)), el("td", {}, known(block.until))), "block", foot);
    details.append(foot);
  });
  return details;
}

function poolItem(pool, index) {
  const only = [pool.environments.join(" or "), pool.regions.join(" or ")].filter(Boolean).join(" in ");
  const heading = "pool-" + index;
  pool.scale = el("span", { class: "quiet", "aria-live": "polite" });
  pool.wider = el("button", { type: "button", text: "\u2212", "aria-label": "Longer rows, smaller blocks", onclick: () => zoom(pool, -1) });
  pool.closer = el("button", { type: "button", text: "+", "aria-label": "Shorter rows, larger blocks", onclick: () => zoom(pool, 1) });
  pool.place = el("div", { class: "pool-rows" });
  return el("article", { class: "pool", "aria-labelledby": heading },
    el("header", {}, el("h3", { id: heading }, el("code", { text: pool.cidr }), only ? el("span", { class: "quiet", text: " only for " + only }) : null)),
    strip(pool), facts(pool),
    el("div", { class: "zoom" }, pool.wider, pool.closer, pool.scale), pool.place, poolTable(pool));
}

function buildSpace() {
  const place = document.querySelector("#space .items");
  const { pools, outside } = map.address_space;
  document.querySelector("#space .count").textContent = count(pools.length, "pool");
  place.append(...pools.map(poolItem));
  if (!pools.length) place.append(el("p", { class: "quiet", text: "There are no pools." }));
  if (outside.length) {
    place.append(el("div", { class: "note" }, el("h3", { text: "In no pool" }),
      el("ul", {}, outside.map((block) => el("li", {}, el("code", { text: block.cidr }), " ", ACCOUNT.has(block.account) ? accountLink(ACCOUNT.get(block.account)) : block.account)))));
  }
}

function buildLegends() {
  const item = (name, label) => el("li", {}, el("span", { class: "swatch " + name, "aria-hidden": "true" }), label);
  const environments = map.environments.map((name, index) => [index, name]).filter(([, name]) => map.accounts.some((account) => account.environment === name));
  const hues = () => environments.map(([index, name]) => item("hue-" + index % 6, name));
  const fresh = () => (map.accounts.some((account) => !account.exists) ? item("new", "not made yet") : null);
  const used = (kind) => map.address_space.pools.some((pool) => pool[kind] > 0);
  into(document.getElementById("legend"), [hues(), fresh(), map.accounts.some((account) => account.protected) ? el("li", {}, el("span", { class: "lock", "aria-hidden": "true", text: "\u25c6" }), "protected") : null]);
  // A strip is too small for environments.
  const labels = KINDS.map(([kind, label]) => [kind, kind === "held" ? "of any account, in a strip" : label]);
  into(document.getElementById("space-legend"), [hues(), fresh(), labels.filter(([kind]) => used(kind)).map(([kind, label]) => item(kind, label))]);
}
