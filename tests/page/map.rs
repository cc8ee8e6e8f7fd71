//! The map in a real browser: what it draws, what finds what, and what hostile text does not.

use std::path::Path;

use groundwork::map::{Account, Block, Domain, Feature, Kind, Map, Pool, Room, Space};
use groundwork::organization::Team;
use groundwork::output::map::to_html;
use serde_json::json;

use crate::support::chromium::Tab;
use crate::whole::groundwork;
use crate::{HOSTILE, Stage, expect, is_inert, nothing_complains, organization};

const CELLS: &str = "document.querySelectorAll('#domains .cell').length";

/// The page of a repository, as the program writes it.
fn drawn(repository: &Path) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("map.html");
    let file = file.to_str().ok_or("a folder with a strange name")?;
    groundwork(repository, &["map", "-q", "--html", file])?;
    std::fs::read_to_string(file).map_err(|error| error.to_string())
}

fn example() -> Result<String, String> {
    drawn(Path::new(env!("CARGO_MANIFEST_DIR")))
}

/// The page of an organization of that many accounts.
fn synthetic(accounts: usize) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    organization::write(accounts, folder.path()).map_err(|error| error.to_string())?;
    drawn(folder.path())
}

fn choose(tab: &mut Tab<'_>, id: &str, value: &str) -> Result<(), String> {
    tab.evaluate(&format!(
        "{{ const field = document.getElementById('{id}'); field.value = '{value}'; field.dispatchEvent(new Event('change')); }}"
    ))?;
    tab.settle()
}

fn search(tab: &mut Tab<'_>, text: &str) -> Result<(), String> {
    tab.click("#reset")?;
    tab.evaluate("document.getElementById('search').focus()")?;
    tab.enter(text)
}

pub(crate) fn the_organization_is_drawn_whole(stage: &mut Stage) -> Result<(), String> {
    let pictures = [("light", stage.picture("map-light")), ("dark", stage.picture("map-dark"))];
    let mut tab = stage.show("map", &example()?, 1280)?;
    expect(&mut tab, "document.querySelector('h1').textContent", &json!("The map of acme"))?;
    expect(&mut tab, &format!("{CELLS} === map.accounts.length"), &json!(true))?;
    expect(&mut tab, "document.querySelectorAll('#domains tbody tr').length === map.domains.length", &json!(true))?;
    let row = "[...document.querySelectorAll('#domains tbody tr')].find((row) => row.querySelector('.name').textContent === 'payments')";
    for (selector, wanted) in [
        ("td:nth-of-type(1) span", "payments"),
        ("td:nth-of-type(2)", "payments-primary"),
        ("td:nth-of-type(3)", "4310"),
    ] {
        expect(&mut tab, &format!("{row}.querySelector('{selector}').textContent"), &json!(wanted))?;
    }
    expect(&mut tab, &format!("{row}.querySelector('a').href"), &json!("https://runbooks.acme.example/payments"))?;
    // Every block of every pool can be looked at, and in its row it has the width that is its share of it.
    let blocks = "map.address_space.pools.flatMap((pool) => pool.blocks).every((block) => document.querySelector(`[data-block=\"${block.cidr}\"]`))";
    expect(&mut tab, blocks, &json!(true))?;
    let share = "(() => { const block = document.querySelector('.block[data-account=\"media/prod\"]'); return Math.round(block.offsetWidth / block.parentElement.offsetWidth * 100) / 100; })()";
    expect(&mut tab, share, &json!(0.25))?;
    // Real tables: every one has a caption, and every row a heading.
    expect(
        &mut tab,
        "[...document.querySelectorAll('table')].every((table) => table.caption && table.caption.textContent !== '')",
        &json!(true),
    )?;
    expect(
        &mut tab,
        "[...document.querySelectorAll('tbody tr')].every((row) => row.querySelector('th[scope=row]'))",
        &json!(true),
    )?;
    expect(
        &mut tab,
        "[...document.querySelectorAll('button, input, select, [role=img], [role=group]')].filter((control) => !(control.textContent.trim() || \
         control.getAttribute('aria-label') || (control.id && document.querySelector(`label[for=\"${control.id}\"]`)))).length",
        &json!(0),
    )?;
    for (scheme, picture) in &pictures {
        tab.prefer(scheme)?;
        tab.settle()?;
        tab.screenshot(picture, true)?;
    }
    nothing_complains(&tab)
}

pub(crate) fn an_address_tells_whose_it_is(stage: &mut Stage) -> Result<(), String> {
    let mut tab = stage.show("map-address", &example()?, 1280)?;
    let whose = "document.getElementById('whose').textContent";
    search(&mut tab, "10.80.5.17")?;
    expect(&mut tab, whose, &json!("10.80.5.17 is in 10.80.4.0/22, the block of accounts/stage."))?;
    expect(&mut tab, "document.getElementById('matches').textContent.startsWith('1 account of')", &json!(true))?;
    search(&mut tab, "10.64.5.17")?;
    expect(&mut tab, whose, &json!("10.64.5.17 is nobody's: 10.64.0.0/16 is reserved, in the pool 10.64.0.0/12."))?;
    search(&mut tab, "192.0.2.1")?;
    expect(&mut tab, whose, &json!("192.0.2.1 is in no pool, and in no account's block."))?;
    search(&mut tab, "192.0.2.256")?;
    expect(&mut tab, "document.getElementById('whose').hidden", &json!(true))?;
    search(&mut tab, "payments-primary prod")?;
    expect(
        &mut tab,
        "[...shown].map((number) => map.accounts[number].key).join()",
        &json!("ledgering/prod,payments/prod"),
    )?;
    nothing_complains(&tab)
}

pub(crate) fn the_map_is_filtered_by_feature_state_and_team(stage: &mut Stage) -> Result<(), String> {
    let mut tab = stage.show("map-filter", &example()?, 1280)?;
    let matching =
        |test: &str| format!("shown.size === map.accounts.filter((account) => {test}).length && shown.size > 0");
    for (id, value, test) in [
        ("feature", "+budget", "account.features.includes('budget')"),
        ("feature", "-budget", "!account.features.includes('budget')"),
        ("state", "protected", "account.protected"),
        ("wave", "early", "account.wave === 'early'"),
        ("team", "discovery", "account.team === 'discovery'"),
    ] {
        choose(&mut tab, id, value)?;
        expect(&mut tab, &matching(test), &json!(true))?;
        expect(&mut tab, "document.querySelectorAll('#domains .cell:not(.dim)').length === shown.size", &json!(true))?;
        tab.click("#reset")?;
    }
    choose(&mut tab, "team", "insight")?;
    expect(&mut tab, "document.querySelector('#domains .hidden-note') !== null", &json!(true))?;
    expect(&mut tab, "document.querySelector('#space .hidden-note') !== null", &json!(true))?;
    tab.click("#domains .hidden-note button")?;
    expect(&mut tab, &format!("{CELLS} === map.accounts.length"), &json!(true))?;
    nothing_complains(&tab)
}

pub(crate) fn the_keyboard_walks_accounts_and_blocks(stage: &mut Stage) -> Result<(), String> {
    let picture = stage.picture("map-account");
    let mut tab = stage.show("map-keyboard", &example()?, 1280)?;
    tab.evaluate("document.querySelector('#domains .cell[tabindex=\"0\"]').focus()")?;
    expect(&mut tab, "document.activeElement.dataset.account", &json!("accounts/dev"))?;
    tab.press("ArrowDown")?;
    tab.press("ArrowRight")?;
    expect(&mut tab, "document.activeElement.dataset.account", &json!("catalog/stage"))?;
    tab.press("Enter")?;
    tab.settle()?;
    let sheet = |text: &str| format!("document.getElementById('sheet-body').textContent.includes({})", json!(text));
    for text in ["catalog-primary", "10.80.12.0 – 10.80.15.255", "catalog/dev", "aws+catalog-stage@acme.example"] {
        expect(&mut tab, &sheet(text), &json!(true))?;
    }
    expect(&mut tab, "decodeURIComponent(location.hash)", &json!("#catalog/stage"))?;
    tab.screenshot(&picture, false)?;
    tab.press("Escape")?;
    tab.settle()?;
    expect(&mut tab, "document.activeElement.dataset.account", &json!("catalog/stage"))?;
    // The first row of the second pool: accounts/dev, accounts/stage, catalog/dev, ...
    tab.evaluate("document.querySelectorAll('.rows')[1].querySelector('.block[tabindex=\"0\"]').focus()")?;
    tab.press("ArrowRight")?;
    expect(&mut tab, "document.activeElement.dataset.account", &json!("accounts/stage"))?;
    tab.press("ArrowDown")?;
    expect(&mut tab, "document.activeElement.closest('.row').querySelector('.at').textContent", &json!("10.80.64.0"))?;
    tab.press("End")?;
    tab.press("Enter")?;
    tab.settle()?;
    expect(&mut tab, &sheet("Room for 512 /22."), &json!(true))?;
    // From hole to neighbour, without leaving the sheet.
    tab.evaluate("[...document.querySelectorAll('#sheet-body .link')].at(-1).click()")?;
    expect(&mut tab, "document.getElementById('sheet-title').textContent", &json!("10.84.0.0/14"))?;
    nothing_complains(&tab)
}

pub(crate) fn a_pool_is_looked_into(stage: &mut Stage) -> Result<(), String> {
    let mut tab = stage.show("map-zoom", &example()?, 1280)?;
    // However a pool is cut: all of it is in its lines, in order.
    let cut = "map.address_space.pools.every((pool) => { for (let prefix = pool.prefix; prefix <= 32; prefix++) { let next = pool.start; \
               for (const line of linesOf(pool, prefix)) { if (line.start !== next) return false; next += line.size; } \
               if (next !== pool.start + pool.size) return false; } return true; })";
    expect(&mut tab, cut, &json!(true))?;
    let rows = "document.querySelectorAll('.pool')[1].querySelectorAll('.row').length";
    let before = tab.evaluate(rows)?;
    tab.click(".pool:nth-of-type(2) .zoom button:nth-of-type(2)")?;
    let closer = tab.evaluate(rows)?;
    if closer.as_u64() <= before.as_u64() {
        return Err(format!("{before} rows before, {closer} with half as much in each"));
    }
    tab.click(".pool:nth-of-type(2) .zoom button:nth-of-type(1)")?;
    expect(&mut tab, rows, &before)?;
    // The same as a table, for whoever cannot see the drawing.
    tab.evaluate("document.querySelectorAll('.pool details')[1].open = true")?;
    tab.settle()?;
    let whole = "document.querySelectorAll('.pool details')[1].querySelectorAll('tbody tr').length === map.address_space.pools[1].blocks.length";
    expect(&mut tab, whole, &json!(true))?;
    tab.evaluate("location.hash = '#10.80.4.0/22'")?;
    tab.wait_for("document.getElementById('sheet').open")?;
    expect(&mut tab, "document.getElementById('sheet-title').textContent", &json!("accounts/stage"))?;
    nothing_complains(&tab)
}

pub(crate) fn hostile_names_stay_text(stage: &mut Stage) -> Result<(), String> {
    let picture = stage.picture("map-hostile");
    let mut tab = stage.show("map-hostile", &to_html(&hostile()), 1280)?;
    for selector in ["#domains .cell", ".block.quarantined", ".block.free"] {
        tab.click(selector)?;
        expect(&mut tab, "document.getElementById('sheet').open", &json!(true))?;
        is_inert(&mut tab, "img, iframe, a:not(.skip), [onload], [onerror], svg:not(.strip svg)")?;
        tab.press("Escape")?;
        tab.settle()?;
    }
    tab.screenshot(&picture, true)?;
    nothing_complains(&tab)
}

/// A map with hostile text wherever one can stand.
fn hostile() -> Map {
    let text = || Some(HOSTILE.to_owned());
    let team = Team {
        name: HOSTILE.into(),
        email: HOSTILE.into(),
        slack: text(),
        on_call: text(),
        cost_center: text(),
        github: text(),
        identity_group: text(),
        ..Team::default()
    };
    let domain = Domain {
        name: HOSTILE.into(),
        team: HOSTILE.into(),
        description: text(),
        repository: text(),
        // A link that runs something is no link.
        runbook: Some(format!("javascript:window.hacked=1//{HOSTILE}")),
        renamed_from: text(),
    };
    let account = Account {
        key: HOSTILE.into(),
        domain: HOSTILE.into(),
        environment: HOSTILE.into(),
        team: HOSTILE.into(),
        id: text(),
        name: HOSTILE.into(),
        email: HOSTILE.into(),
        lifecycle: HOSTILE.into(),
        wave: HOSTILE.into(),
        unit: HOSTILE.into(),
        region: HOSTILE.into(),
        protected: true,
        support: HOSTILE.into(),
        network: "10.0.0.0/20".parse().ok(),
        zones: vec![HOSTILE.into()],
        state_key: text(),
        features: vec![HOSTILE.into()],
        tags: [(HOSTILE.to_owned(), HOSTILE.to_owned())].into(),
    };
    let block = |cidr: &str, kind, account| Block { cidr: cidr.parse().unwrap(), kind, account, until: None };
    let pool = Pool {
        cidr: "10.0.0.0/18".parse().unwrap(),
        regions: vec![HOSTILE.into()],
        environments: vec![HOSTILE.into()],
        addresses: 1 << 14,
        held: 1 << 12,
        reserved: 0,
        quarantined: 1 << 12,
        free: 1 << 13,
        largest_free: Some(19),
        fragmentation: 0.0,
        room: vec![Room { prefix: 20, blocks: 2 }],
        blocks: vec![
            block("10.0.0.0/20", Kind::Held, text()),
            block("10.0.16.0/20", Kind::Quarantined, text()),
            block("10.0.32.0/19", Kind::Free, None),
        ],
    };
    Map {
        organization: HOSTILE.into(),
        environments: vec![HOSTILE.into()],
        waves: vec![HOSTILE.into()],
        features: vec![Feature { name: HOSTILE.into(), description: HOSTILE.into() }],
        teams: vec![team],
        domains: vec![domain],
        accounts: vec![account],
        address_space: Space {
            pools: vec![pool],
            outside: vec![block("192.0.2.0/24", Kind::Held, text())],
            ..Space::default()
        },
        ..Map::default()
    }
}

pub(crate) fn a_narrow_map_needs_no_sideways_scrolling(stage: &mut Stage) -> Result<(), String> {
    let picture = stage.picture("map-narrow");
    let mut tab = stage.show("map-narrow", &example()?, 400)?;
    expect(&mut tab, "document.documentElement.scrollWidth <= innerWidth", &json!(true))?;
    tab.screenshot(&picture, true)?;
    tab.click("#domains .cell")?;
    expect(&mut tab, "document.getElementById('sheet-body').scrollWidth <= innerWidth", &json!(true))
}

pub(crate) fn nothing_on_the_map_is_asked_of_the_network(stage: &mut Stage) -> Result<(), String> {
    let mut tab = stage.show("map-network", &example()?, 1280)?;
    tab.click("#domains .cell")?;
    let asked = tab.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    let asked = asked.filter_map(|event| event["params"]["request"]["url"].as_str());
    match asked.filter(|url| !url.starts_with("file://")).collect::<Vec<_>>() {
        asked if asked.is_empty() => nothing_complains(&tab),
        asked => Err(format!("the page asked for {asked:?}")),
    }
}

pub(crate) fn ten_times_the_accounts_are_not_ten_times_the_page(stage: &mut Stage) -> Result<(), String> {
    let elements = "document.querySelectorAll('*').length";
    let picture = stage.picture("map-thousand");
    let mut tab = stage.show("map-thousand", &synthetic(1_000)?, 1280)?;
    tab.screenshot(&picture, true)?;
    let thousand = tab.evaluate(elements)?.as_u64().unwrap_or_default();
    // Paper has no buttons: all of it is there before it is printed.
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")?;
    expect(&mut tab, CELLS, &json!(1_000))?;
    expect(&mut tab, "document.querySelectorAll('.block.held').length", &json!(1_000))?;
    nothing_complains(&tab)?;
    let mut tab = stage.show("map-ten-thousand", &synthetic(10_000)?, 1280)?;
    let many = tab.evaluate(elements)?.as_u64().unwrap_or_default();
    if many > thousand * 3 / 2 {
        return Err(format!("{thousand} elements for 1,000 accounts, {many} for 10,000"));
    }
    // The longest rows hold as many blocks as can be seen, and not all of them.
    tab.evaluate("for (let pool = map.address_space.pools[0]; !pool.wider.disabled;) pool.wider.click()")?;
    expect(
        &mut tab,
        "Math.max(...[...document.querySelectorAll('.row')].map((row) => row.querySelectorAll('.block').length))",
        &json!(256),
    )?;
    search(&mut tab, "catalog-70/dev")?;
    expect(&mut tab, "document.querySelectorAll('#domains .cell:not(.dim)').length", &json!(1))?;
    expect(&mut tab, "document.querySelectorAll('.block.held:not(.dim)').length", &json!(1))?;
    nothing_complains(&tab)
}
