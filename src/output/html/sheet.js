// The sheet: what opens beside the page.

const sheet = document.getElementById("sheet");
let cameFrom = null;

/** Shows parts below a title; the address of the page gets `hash`, so that one can link to it. */
function openSheet(title, parts, hash) {
  if (!sheet.open) cameFrom = document.activeElement;
  const heading = document.getElementById("sheet-title");
  heading.textContent = visibleLine(title);
  const body = document.getElementById("sheet-body");
  body.textContent = "";
  body.append(...parts.filter(Boolean));
  body.scrollTop = 0;
  if (!sheet.open) sheet.showModal();
  heading.focus();
  history.replaceState(null, "", "#" + encodeURIComponent(hash));
}

function closed() {
  history.replaceState(null, "", location.pathname + location.search);
  // The grid may have been drawn anew meanwhile; then the same account's new cell takes the focus.
  const key = cameFrom && cameFrom.dataset ? cameFrom.dataset.account : null;
  const again = cameFrom && cameFrom.isConnected ? cameFrom : key && document.querySelector('[data-account="' + CSS.escape(key) + '"]');
  if (again) again.focus();
  cameFrom = null;
}
