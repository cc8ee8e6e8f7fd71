// Putting the page together.

function render() {
  applyFilter();
  renderWhose();
  renderDomains();
  map.address_space.pools.forEach(renderRows);
  document.getElementById("matches").textContent = isFiltering()
    ? count(shown.size, "account") + " of " + map.accounts.length.toLocaleString("en") + " match"
    : count(map.accounts.length, "account");
  document.getElementById("reset").disabled = !isFiltering();
}

buildFigures(document.getElementById("figures"));
buildFilter(document.getElementById("filter"));
buildLegends();
buildSpace();
renderTeams();
renderFeatures();
document.querySelector("#domains .items").addEventListener("keydown", walkGrid);
addEventListener("hashchange", openFromAddress);
onNewWidth(() => map.address_space.pools.forEach((pool) => { pool.row = undefined; renderRows(pool); }));
// Paper has no buttons: what is left for later on a screen is printed.
addEventListener("beforeprint", () => {
  for (let more = document.querySelector("main .more"); more; more = document.querySelector("main .more")) more.click();
});
render();
document.documentElement.dataset.ready = "true";
openFromAddress();
