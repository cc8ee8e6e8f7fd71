// The map, and what can be known of it before anybody asks.

const map = JSON.parse(document.getElementById("model").textContent);

const byName = (list) => new Map(list.map((item) => [item.name, item]));
const TEAM = byName(map.teams);
const DOMAIN = byName(map.domains);
const NO_TEAM = { name: "", email: "", contacts: {} };

/** An IPv4 address as a number; null if it is none. */
function address(text) {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function dotted(number) {
  return [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
}

/** A block's first address and its size. */
function range(cidr) {
  const [start, prefix] = cidr.split("/");
  return { start: address(start), prefix: Number(prefix), size: 2 ** (32 - Number(prefix)) };
}

map.accounts.forEach((account, id) => {
  account.number = id;
  account.steward = TEAM.get(account.team) || NO_TEAM;
  account.product = DOMAIN.get(account.domain) || { name: account.domain };
  account.range = account.network === null ? null : range(account.network);
  account.hue = Math.max(0, map.environments.indexOf(account.environment)) % 6;
  account.exists = account.id !== null;
});
const ACCOUNT = new Map(map.accounts.map((account) => [account.key, account]));

// Every block knows where it is, whose it is, and who is next to it.
map.address_space.pools.forEach((pool) => {
  Object.assign(pool, range(pool.cidr));
  pool.blocks.forEach((block, index) => {
    Object.assign(block, range(block.cidr));
    block.pool = pool;
    block.index = index;
    block.holder = block.kind === "held" ? ACCOUNT.get(block.account) || null : null;
    if (block.holder) block.holder.block = block;
  });
});

/** The block that an address is in. */
function blockOf(number) {
  for (const pool of map.address_space.pools) {
    if (number >= pool.start && number < pool.start + pool.size) {
      return pool.blocks.find((block) => number >= block.start && number < block.start + block.size) || null;
    }
  }
  return null;
}

const KINDS = [["held", "of an account"], ["free", "free"], ["reserved", "reserved"], ["quarantined", "quarantined: of an account that is gone"]];

/** A share as people say it; what is there is never 0 %, and what is not whole never 100 %. */
function percent(share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  if (share > 0.99 && share < 1) return "> 99 %";
  return Math.round(share * 100) + " %";
}

/** Lower-case text that a search looks through; made when the first search comes. */
function searchText(account) {
  if (account.text === undefined) {
    const { steward, product } = account;
    account.text = [
      account.key, account.id, account.name, account.email, account.team, account.unit, account.region, account.network, account.wave,
      account.lifecycle, account.support, steward.email, steward.slack, steward.on_call, steward.cost_center, steward.github,
      product.description, product.repository, product.runbook, product.renamed_from, ...account.zones, ...Object.values(account.tags),
    ].filter(Boolean).join("\n").toLowerCase();
  }
  return account.text;
}
