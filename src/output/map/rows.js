// The address space as rows: how a pool is cut so that its blocks can be seen.

/**
 * A pool as lines, in order. What fills whole rows, a hole or a large block, is one line however large it is; other rows
 * are drawn to scale. So a pool of sixteen million addresses with a thousand accounts in it is as long as its accounts.
 */
function linesOf(pool, prefix) {
  const size = 2 ** (32 - Math.max(prefix, pool.prefix));
  const lines = [];
  const blocks = pool.blocks;
  for (let index = 0; index < blocks.length;) {
    const first = blocks[index];
    const start = Math.floor(first.start / size) * size;
    const own = [];
    if (first.size >= size) {
      do { own.push(blocks[index++]); }
      while (index < blocks.length && first.kind === "free" && blocks[index].kind === "free" && blocks[index].size >= size);
      const last = own[own.length - 1];
      lines.push({ whole: true, start: first.start, size: last.start + last.size - first.start, blocks: own });
    } else {
      while (index < blocks.length && blocks[index].start < start + size) own.push(blocks[index++]);
      lines.push({ whole: false, start, size, blocks: own });
    }
  }
  return lines;
}

/** The prefix length that is usual among a pool's blocks, and the longest. */
function sizesOf(pool) {
  if (pool.sizes === undefined) {
    const sizes = pool.blocks.filter((block) => block.kind === "held").map((block) => block.prefix).sort((a, b) => a - b);
    pool.sizes = sizes.length
      ? { usual: sizes[Math.floor(sizes.length / 2)], longest: sizes[sizes.length - 1] }
      : { usual: Math.min(32, pool.prefix + 4), longest: pool.prefix };
  }
  return pool.sizes;
}

/** How long a row is at first: sixteen blocks of the usual size, or fewer where there is less room. */
function usualRow(pool, width) {
  return clampRow(pool, sizesOf(pool).usual - Math.max(1, Math.min(4, Math.floor(Math.log2(width / 58)))));
}

/** From two of the smallest blocks in a row to so many of the usual ones that each can just be seen. */
function clampRow(pool, prefix) {
  const { usual, longest } = sizesOf(pool);
  const least = Math.max(pool.prefix, usual - 8);
  return Math.max(least, Math.min(prefix, Math.max(least, longest - 1)));
}

/** Rectangles of one kind in a strip that is 1,000 wide: one path, however many there are. */
function stripPath(pool, kind) {
  let path = "";
  let from = -1;
  let to = -1;
  const flush = () => { if (from >= 0) path += "M" + from.toFixed(2) + " 0h" + Math.max(to - from, 0.6).toFixed(2) + "v10h-" + Math.max(to - from, 0.6).toFixed(2) + "z"; };
  for (const block of pool.blocks) {
    if (block.kind !== kind) continue;
    const start = (block.start - pool.start) / pool.size * 1000;
    if (start - to > 0.01) { flush(); from = start; }
    to = start + block.size / pool.size * 1000;
  }
  flush();
  return path;
}
