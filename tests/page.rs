//! The pages in a real browser: what people see, what the keyboard does, and what hostile text does not.

#![expect(clippy::disallowed_methods, reason = "a test starts a browser and looks for it itself")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
#![expect(clippy::print_stderr, reason = "why tests are left out must be readable without a flag")]

#[path = "page/map.rs"]
mod map;
#[path = "../examples/generate-organization/organization.rs"]
mod organization;
#[path = "../examples/generate-plans/plans.rs"]
mod plans;
mod support;
#[path = "page/whole.rs"]
mod whole;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

use support::chromium::{self, Browser, Missing, Tab};
use support::synthetic_page::page;

type Check = fn(&mut Stage) -> Result<(), String>;

/// A browser, and where files go.
struct Stage {
    browser: Browser,
    folder: PathBuf,
}

impl Stage {
    fn show(&mut self, name: &str, html: &str, width: u32) -> Result<Tab<'_>, String> {
        let file = self.folder.join(format!("{name}.html"));
        std::fs::write(&file, html).map_err(|error| format!("cannot write `{}`: {error}", file.display()))?;
        self.browser.open(&file, width, 900)
    }

    fn picture(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.png"))
    }
}

#[track_caller]
fn expect(tab: &mut Tab<'_>, expression: &str, wanted: &Value) -> Result<(), String> {
    let found = tab.evaluate(expression)?;
    if found == *wanted { Ok(()) } else { Err(format!("`{expression}` is {found}, not {wanted}")) }
}

/// No text that somebody wrote became anything but text: of what these selectors name there is nothing.
fn is_inert(tab: &mut Tab<'_>, elements: &str) -> Result<(), String> {
    expect(tab, &format!("document.querySelectorAll('{elements}').length"), &json!(0))?;
    expect(tab, "document.scripts.length", &json!(2))?;
    expect(tab, "typeof window.hacked", &json!("undefined"))?;
    // The characters that turn text around are named, not obeyed.
    expect(tab, "/[\\u202a-\\u202e\\u2066-\\u2069\\u0000\\u001b]/.test(document.body.innerText)", &json!(false))?;
    expect(tab, "document.body.innerText.includes('⟨U+202E⟩')", &json!(true))
}

fn a_review_is_drawn_whole(stage: &mut Stage) -> Result<(), String> {
    let pictures = [stage.picture("light"), stage.picture("dark")];
    let mut tab = stage.show("review", &page(130, 0).to_html(), 1280)?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(130))?;
    expect(&mut tab, "document.querySelector('h1').textContent", &json!("130 accounts reviewed"))?;
    expect(&mut tab, "document.querySelectorAll('#patterns .pattern').length", &json!(5))?;
    expect(
        &mut tab,
        "[...document.querySelectorAll('#grid .cell')].every((cell) => cell.querySelector('.mark').textContent !== '')",
        &json!(true),
    )?;
    expect(&mut tab, "document.querySelectorAll('#dangers .danger').length", &json!(review_dangers()))?;
    for (scheme, picture) in ["light", "dark"].iter().zip(&pictures) {
        tab.prefer(scheme)?;
        tab.settle()?;
        tab.screenshot(picture, true)?;
    }
    Ok(())
}

fn review_dangers() -> usize {
    page(130, 0).dangers.len()
}

fn nothing_complains(tab: &Tab<'_>) -> Result<(), String> {
    let loud =
        ["Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled", "Page.javascriptDialogOpening"];
    match tab.events.iter().find(|event| event["method"].as_str().is_some_and(|method| loud.contains(&method))) {
        Some(event) => Err(format!("the page complained: {event}")),
        None => Ok(()),
    }
}

fn filters_narrow_and_say_what_they_hide(stage: &mut Stage) -> Result<(), String> {
    let review = page(130, 0);
    let storefront = review.accounts.iter().filter(|account| account.team == "storefront").count();
    let mut tab = stage.show("filters", &review.to_html(), 1280)?;
    let choose = |tab: &mut Tab<'_>, id: &str, value: &str| {
        tab.evaluate(&format!(
            "{{ const field = document.getElementById('{id}'); field.value = '{value}'; field.dispatchEvent(new Event('change')); }}"
        ))
        .and_then(|_| tab.settle())
    };
    choose(&mut tab, "team", "storefront")?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(storefront))?;
    expect(
        &mut tab,
        "document.getElementById('matches').textContent",
        &json!(format!("{storefront} accounts of 130 match")),
    )?;
    choose(&mut tab, "environment", "prod")?;
    expect(
        &mut tab,
        "[...document.querySelectorAll('#grid .cell')].every((cell) => cell.dataset.account.endsWith('/prod'))",
        &json!(true),
    )?;
    tab.click("#reset")?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(130))?;
    choose(&mut tab, "domain", "catalog")?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(3))?;
    expect(&mut tab, "document.querySelector('#dangers .hidden-note') !== null", &json!(true))?;
    tab.click("#dangers .hidden-note button")?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(130))?;
    choose(&mut tab, "action", "replace")?;
    let replacing = review.accounts.iter().filter(|account| account.pattern == Some(4)).count();
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(replacing))?;
    nothing_complains(&tab)
}

fn search_finds_accounts_resources_and_values(stage: &mut Stage) -> Result<(), String> {
    let review = page(130, 0);
    let mut tab = stage.show("search", &review.to_html(), 1280)?;
    for (text, wanted) in [
        ("payments/prod", 1),
        ("aws_s3_bucket", review.accounts.iter().filter(|account| account.pattern == Some(5)).count()),
        ("nat_gateway subnet-9f8e", review.accounts.iter().filter(|account| account.pattern == Some(4)).count()),
        ("nobody has this", 0),
    ] {
        tab.press("/")?;
        expect(&mut tab, "document.activeElement.id", &json!("search"))?;
        tab.enter(text)?;
        expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(wanted))?;
        tab.click("#reset")?;
        tab.evaluate("document.activeElement.blur()")?;
    }
    nothing_complains(&tab)
}

fn the_keyboard_reaches_everything(stage: &mut Stage) -> Result<(), String> {
    let picture = stage.picture("diff");
    let mut tab = stage.show("keyboard", &page(130, 0).to_html(), 1280)?;
    tab.press("Tab")?;
    expect(&mut tab, "document.activeElement.className", &json!("skip"))?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell[tabindex=\"0\"]').length", &json!(1))?;
    tab.evaluate("document.querySelector('#grid .cell[tabindex=\"0\"]').focus()")?;
    expect(&mut tab, "document.activeElement.dataset.account", &json!("analytics/dev"))?;
    tab.press("ArrowRight")?;
    tab.press("ArrowDown")?;
    expect(&mut tab, "document.activeElement.dataset.account", &json!("analytics-2/stage"))?;
    tab.press("Home")?;
    tab.press("Enter")?;
    tab.settle()?;
    expect(&mut tab, "document.getElementById('sheet').open", &json!(true))?;
    expect(&mut tab, "document.getElementById('sheet-title').textContent", &json!("analytics/dev"))?;
    expect(&mut tab, "decodeURIComponent(location.hash)", &json!("#analytics/dev"))?;
    expect(&mut tab, "document.querySelectorAll('#sheet .change').length > 0", &json!(true))?;
    expect(&mut tab, "document.getElementById('sheet').contains(document.activeElement)", &json!(true))?;
    tab.screenshot(&picture, false)?;
    tab.press("Escape")?;
    tab.settle()?;
    expect(&mut tab, "document.getElementById('sheet').open", &json!(false))?;
    expect(&mut tab, "document.activeElement.dataset.account", &json!("analytics/dev"))?;
    // Everything that can be clicked is a real control with a name.
    expect(
        &mut tab,
        "[...document.querySelectorAll('button, input, select')].filter((control) => !(control.textContent.trim() || \
         control.getAttribute('aria-label') || (control.id && document.querySelector(`label[for=\"${control.id}\"]`)))).length",
        &json!(0),
    )?;
    nothing_complains(&tab)
}

fn an_account_shows_its_own_values_in_the_shared_diff(stage: &mut Stage) -> Result<(), String> {
    let review = page(130, 0);
    let account = review.accounts.iter().find(|account| account.pattern == Some(0)).ok_or("nobody has pattern A")?;
    let (key, number) = (account.key.clone(), account.values["{account_id}"].clone());
    let mut tab = stage.show("values", &review.to_html(), 1280)?;
    tab.click(&format!("#grid [data-account='{key}']"))?;
    let shows = |text: &str| format!("document.getElementById('sheet-body').textContent.includes({})", json!(text));
    expect(&mut tab, &shows(&format!("acme-logs-{number}")), &json!(true))?;
    tab.press("Escape")?;
    tab.click("[data-pattern='A']")?;
    expect(&mut tab, &shows("acme-logs-{account_id}"), &json!(true))?;
    expect(&mut tab, &shows("Differs between accounts"), &json!(true))?;
    nothing_complains(&tab)
}

fn the_theme_follows_the_system_until_somebody_chooses(stage: &mut Stage) -> Result<(), String> {
    let mut tab = stage.show("theme", &page(9, 0).to_html(), 1280)?;
    let background = "getComputedStyle(document.body).backgroundColor";
    tab.prefer("light")?;
    let light = tab.evaluate(background)?;
    tab.prefer("dark")?;
    let dark = tab.evaluate(background)?;
    if light == dark {
        return Err(format!("both themes have the background {light}"));
    }
    tab.click("#theme")?;
    expect(&mut tab, background, &light)?;
    tab.prefer("light")?;
    tab.click("#theme")?;
    expect(&mut tab, background, &dark)?;
    // The choice is remembered, also by pages that are opened later.
    tab.evaluate("localStorage.clear()")?;
    nothing_complains(&tab)
}

fn nothing_is_asked_of_the_network(stage: &mut Stage) -> Result<(), String> {
    let mut tab = stage.show("network", &page(130, 0).to_html(), 1280)?;
    tab.click("[data-pattern='A']")?;
    let asked: Vec<_> = tab
        .events
        .iter()
        .filter(|event| event["method"] == "Network.requestWillBeSent")
        .filter_map(|event| event["params"]["request"]["url"].as_str())
        .filter(|url| !url.starts_with("file://"))
        .collect();
    if asked.is_empty() { nothing_complains(&tab) } else { Err(format!("the page asked for {asked:?}")) }
}

/// Text that would like to be more than text, wherever a plan can put it.
const HOSTILE: &str = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>\
    --><svg onload=window.hacked=1>${window.hacked=1}{{7*7}}\u{202e}txt\u{2066}\u{0}\u{1b}[31m\u{2028}`'\"&lt;&#x3c;@everyone #1";

fn hostile_text_stays_text(stage: &mut Stage) -> Result<(), String> {
    let mut review = page(30, 0);
    review.title = HOSTILE.into();
    review.summary = HOSTILE.into();
    for change in &mut review.changes {
        change.address = HOSTILE.into();
        change.kind = HOSTILE.into();
        change.action = HOSTILE.into();
        change.notes = vec![HOSTILE.into()];
        for attribute in &mut change.attributes {
            attribute.0 = HOSTILE.into();
            attribute.1 = Some(HOSTILE.into());
            attribute.2 = Some(HOSTILE.into());
            attribute.3 = HOSTILE.into();
        }
    }
    for account in &mut review.accounts {
        account.team = HOSTILE.into();
        account.reason = Some(HOSTILE.into());
        account.key = format!("{}{HOSTILE}", account.key);
        account.domain = format!("{}{HOSTILE}", account.domain);
    }
    for danger in &mut review.dangers {
        danger.kind = HOSTILE.into();
        danger.address = HOSTILE.into();
        danger.text = HOSTILE.into();
    }
    for verdict in &mut review.policy {
        verdict.message = HOSTILE.into();
        verdict.rule = HOSTILE.into();
        verdict.place = HOSTILE.into();
    }
    for outlier in &mut review.outliers {
        outlier.differences = vec![HOSTILE.into()];
    }
    for pattern in &mut review.patterns {
        pattern.name = HOSTILE.into();
        pattern.note = HOSTILE.into();
    }
    let picture = stage.picture("hostile");
    let mut tab = stage.show("hostile", &review.to_html(), 1280)?;
    for selector in ["#grid .cell", "#patterns .open"] {
        tab.click(selector)?;
        expect(&mut tab, "document.getElementById('sheet').open", &json!(true))?;
        is_inert(&mut tab, "img, svg, iframe, a:not(.skip), script:not(#model):not(:last-of-type)")?;
        tab.screenshot(&picture, false)?;
        tab.press("Escape")?;
        tab.settle()?;
    }
    nothing_complains(&tab)
}

fn the_policy_of_the_page_stops_other_scripts(stage: &mut Stage) -> Result<(), String> {
    // Even if a script element got in, it would not run: this one is put in by hand.
    let html = page(9, 0)
        .to_html()
        .replace("</main>", "</main><script>window.hacked = 1</script><p style=\"color: red\">x</p>");
    let mut tab = stage.show("blocked", &html, 1280)?;
    expect(&mut tab, "typeof window.hacked", &json!("undefined"))
}

fn a_narrow_window_needs_no_sideways_scrolling(stage: &mut Stage) -> Result<(), String> {
    let pictures = [stage.picture("narrow"), stage.picture("narrow-diff")];
    let mut tab = stage.show("narrow", &page(130, 0).to_html(), 400)?;
    expect(&mut tab, "document.documentElement.scrollWidth <= innerWidth", &json!(true))?;
    tab.screenshot(&pictures[0], true)?;
    tab.click("[data-pattern='E']")?;
    expect(&mut tab, "document.getElementById('sheet-body').scrollWidth <= innerWidth", &json!(true))?;
    tab.screenshot(&pictures[1], false)?;
    Ok(())
}

fn a_link_to_an_account_opens_it(stage: &mut Stage) -> Result<(), String> {
    let mut tab = stage.show("link", &page(130, 0).to_html(), 1280)?;
    tab.evaluate("location.hash = '#checkout/prod'")?;
    tab.wait_for("document.getElementById('sheet').open")?;
    expect(&mut tab, "document.getElementById('sheet-title').textContent", &json!("checkout/prod"))
}

fn a_thousand_accounts_and_fifty_thousand_changes(stage: &mut Stage) -> Result<(), String> {
    let picture = stage.picture("thousand");
    let review = page(1_000, 51);
    assert!(review.changes.len() >= 50_000, "{} changes", review.changes.len());
    let mut tab = stage.show("thousand", &review.to_html(), 1280)?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(1_000))?;
    tab.screenshot(&picture, true)?;
    tab.press("/")?;
    tab.enter("aws_ssm_parameter catalog/prod")?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(1))?;
    tab.click("#grid .cell")?;
    expect(&mut tab, "document.getElementById('sheet-title').textContent", &json!("catalog/prod"))?;
    expect(
        &mut tab,
        "document.getElementById('sheet-body').textContent.includes('value 7 of catalog/prod')",
        &json!(true),
    )?;
    tab.press("Escape")?;
    tab.click("#reset")?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(1_000))?;
    // What is not looked at is not drawn.
    expect(&mut tab, "document.querySelectorAll('*').length < 12000", &json!(true))?;
    nothing_complains(&tab)
}

const CHECKS: &[(&str, Check)] = &[
    ("a_review_is_drawn_whole", a_review_is_drawn_whole),
    ("filters_narrow_and_say_what_they_hide", filters_narrow_and_say_what_they_hide),
    ("search_finds_accounts_resources_and_values", search_finds_accounts_resources_and_values),
    ("the_keyboard_reaches_everything", the_keyboard_reaches_everything),
    ("an_account_shows_its_own_values_in_the_shared_diff", an_account_shows_its_own_values_in_the_shared_diff),
    ("the_theme_follows_the_system_until_somebody_chooses", the_theme_follows_the_system_until_somebody_chooses),
    ("nothing_is_asked_of_the_network", nothing_is_asked_of_the_network),
    ("hostile_text_stays_text", hostile_text_stays_text),
    ("the_policy_of_the_page_stops_other_scripts", the_policy_of_the_page_stops_other_scripts),
    ("a_narrow_window_needs_no_sideways_scrolling", a_narrow_window_needs_no_sideways_scrolling),
    ("a_link_to_an_account_opens_it", a_link_to_an_account_opens_it),
    ("a_thousand_accounts_and_fifty_thousand_changes", a_thousand_accounts_and_fifty_thousand_changes),
    ("what_the_program_writes_is_drawn", whole::what_the_program_writes_is_drawn),
    ("drift_and_what_is_new_have_their_place", whole::drift_and_what_is_new_have_their_place),
    ("the_organization_is_drawn_whole", map::the_organization_is_drawn_whole),
    ("an_address_tells_whose_it_is", map::an_address_tells_whose_it_is),
    ("the_map_is_filtered_by_feature_state_and_team", map::the_map_is_filtered_by_feature_state_and_team),
    ("the_keyboard_walks_accounts_and_blocks", map::the_keyboard_walks_accounts_and_blocks),
    ("a_pool_is_looked_into", map::a_pool_is_looked_into),
    ("hostile_names_stay_text", map::hostile_names_stay_text),
    ("a_narrow_map_needs_no_sideways_scrolling", map::a_narrow_map_needs_no_sideways_scrolling),
    ("nothing_on_the_map_is_asked_of_the_network", map::nothing_on_the_map_is_asked_of_the_network),
    ("ten_times_the_accounts_are_not_ten_times_the_page", map::ten_times_the_accounts_are_not_ten_times_the_page),
];

/// Starts the browser, or says why there is none.
fn stage(folder: &Path) -> Result<Stage, Missing> {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tools");
    let found = chromium::find(&tools)?;
    let browser = Browser::start(&found, &folder.join("chromium.log")).map_err(Missing::Failed)?;
    Ok(Stage { browser, folder: folder.to_owned() })
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    std::fs::create_dir_all(&folder).unwrap();
    // One browser for all, one check at a time. It is started when the first check runs, so that listing does not.
    let shared: Arc<OnceLock<Result<Mutex<Stage>, String>>> = Arc::default();
    let left_out = left_out();
    let trials = CHECKS
        .iter()
        .map(|(name, check)| {
            let (shared, folder) = (Arc::clone(&shared), folder.clone());
            Trial::test(*name, move || {
                let stage =
                    shared.get_or_init(|| stage(&folder).map(Mutex::new).map_err(|missing| missing.to_string()));
                let stage = stage.as_ref().map_err(Failed::from)?;
                // A check that panicked leaves the browser usable: each opens a page of its own.
                let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
                check(&mut stage).map_err(Failed::from)
            })
            .with_ignored_flag(left_out)
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Whether the checks cannot run here: neither a browser nor a way to get one. In CI that is a failure.
fn left_out() -> bool {
    match chromium::possible() {
        Ok(()) => false,
        Err(missing) => {
            eprintln!("the page is not tested in a browser: {missing}");
            std::env::var_os("CI").is_none()
        }
    }
}
