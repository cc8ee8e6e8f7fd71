// Putting the page together.

function render() {
  applyFilter();
  renderGrid(document.getElementById("grid"));
  renderFindings();
  document.getElementById("matches").textContent = isFiltering()
    ? count(shown.size, "account") + " of " + review.accounts.length.toLocaleString("en") + " match"
    : count(review.accounts.length, "account");
  document.getElementById("reset").disabled = !isFiltering();
}

buildFigures(document.getElementById("figures"));
buildFilter(document.getElementById("filter"));
buildLegend(document.getElementById("legend"));
document.getElementById("grid").addEventListener("keydown", walkGrid);
addEventListener("hashchange", openFromAddress);
onNewWidth(() => renderGrid(document.getElementById("grid")));
renderSince();
render();
document.documentElement.dataset.ready = "true";
openFromAddress();
