// Building elements. Everything that comes from a plan enters the page as text, through here.

/** Control, zero-width and bidirectional characters, which could make text look like other text. */
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text as it really is: characters that cannot be seen are named. */
function visible(text) {
  return String(text).replace(INVISIBLE, (c) => "\u27e8U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e9");
}

/** The same on one line. */
function visibleLine(text) {
  return visible(String(text).replace(/\r?\n/g, "\u23ce").replace(/\t/g, "\u21e5"));
}

/**
 * Makes an element. Properties that start with "on" are listeners, "text" is the text content, the rest are
 * attributes. Children are elements or strings; nothing is ever parsed as HTML.
 */
function el(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") node.textContent = visibleLine(value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  return into(node, children);
}

function into(node, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(typeof child === "string" ? visibleLine(child) : child);
  }
  return node;
}

/** The same for the few shapes that a page draws. */
function shape(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return into(node, children);
}

/** "1 account", "3 accounts". */
function count(number, noun, plural) {
  return number.toLocaleString("en") + " " + (number === 1 ? noun : plural || noun + "s");
}

/**
 * Puts items into a parent a piece at a time, with a button for the next piece, at the end of `foot`. Nothing is dropped.
 */
function inPieces(parent, items, size, make, noun, foot = parent) {
  let done = 0;
  const more = el("button", { type: "button", class: "more", onclick: () => next(true) });
  function next(focus) {
    const first = done;
    const piece = document.createDocumentFragment();
    for (; done < items.length && done < first + size; done++) piece.append(make(items[done], done));
    more.remove();
    parent.append(piece);
    if (done < items.length) {
      more.textContent = "Show " + Math.min(size, items.length - done).toLocaleString("en") + " more of " + count(items.length - done, noun);
      foot.append(more);
    }
    if (focus) {
      const target = parent.children[first];
      if (target) { target.setAttribute("tabindex", "-1"); target.focus(); }
    }
  }
  next(false);
}
