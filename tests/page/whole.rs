//! From plans to the page, through the binary.

use std::path::Path;
use std::process::Command;

use groundwork::output::page::Drift;
use serde_json::json;

use crate::support::synthetic_page::page;
use crate::{Stage, expect, nothing_complains, plans};

pub(crate) fn groundwork(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(env!("CARGO_BIN_EXE_groundwork")).args(arguments).current_dir(folder).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

pub(crate) fn what_the_program_writes_is_drawn(stage: &mut Stage) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    plans::write(130, 12, 40, &folder.path().join("plans")).map_err(|error| error.to_string())?;
    groundwork(folder.path(), &["review", "plans", "-q", "--html", "review.html"])?;
    let html = std::fs::read_to_string(folder.path().join("review.html")).map_err(|error| error.to_string())?;
    let picture = stage.picture("whole");
    let mut tab = stage.show("whole", &html, 1280)?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell').length", &json!(130))?;
    expect(&mut tab, "document.querySelectorAll('#patterns .pattern:not(.common)').length", &json!(12))?;
    // What is the same everywhere stands there once, and no pattern repeats it.
    let heading = "document.querySelector('#patterns .common h3').textContent";
    expect(&mut tab, heading, &json!("The same in all 12 patterns, 127 accounts"))?;
    let repeated = "[...document.querySelectorAll('#patterns .pattern:not(.common) .changes')].filter((list) => \
                    list.textContent.includes('aws_cloudwatch_log_group')).length";
    expect(&mut tab, repeated, &json!(0))?;
    tab.click("#patterns .common .open")?;
    expect(&mut tab, "document.querySelectorAll('#sheet .change').length", &json!(8))?;
    tab.press("Escape")?;
    tab.settle()?;
    expect(&mut tab, "document.querySelectorAll('#outliers li.verdict').length", &json!(3))?;
    expect(&mut tab, "document.querySelectorAll('#dangers .danger').length", &json!(1))?;
    expect(&mut tab, "document.querySelectorAll('#grid .cell.outlier').length", &json!(3))?;
    tab.screenshot(&picture, true)?;
    // An outlier's own diff, with its own values.
    tab.click("#grid .cell.outlier")?;
    expect(&mut tab, "document.getElementById('sheet-body').textContent.includes('aws_db_instance.r3')", &json!(true))?;
    expect(&mut tab, "document.getElementById('sheet-body').textContent.includes('{domain}')", &json!(false))?;
    tab.press("Escape")?;
    tab.settle()?;
    // Someone who follows a pattern sees the pattern's diff with values of their own.
    tab.evaluate("location.hash = '#catalog/dev'")?;
    tab.wait_for("document.getElementById('sheet').open")?;
    expect(&mut tab, "document.getElementById('sheet-body').textContent.includes('-catalog')", &json!(true))?;
    expect(&mut tab, "document.getElementById('sheet-body').textContent.includes('{domain}')", &json!(false))?;
    nothing_complains(&tab)
}

pub(crate) fn drift_and_what_is_new_have_their_place(stage: &mut Stage) -> Result<(), String> {
    let mut review = page(9, 0);
    let mut tab = stage.show("plain", &review.to_html(), 1280)?;
    expect(
        &mut tab,
        "document.getElementById('drift').hidden && document.getElementById('since').hidden",
        &json!(true),
    )?;
    review.drift = vec![Drift { lines: vec!["aws_instance.gone is gone".into()], accounts: vec![0, 1] }];
    review.since = Some(vec!["new danger: <b>everything</b>".into()]);
    let mut tab = stage.show("drift", &review.to_html(), 1280)?;
    expect(
        &mut tab,
        "document.querySelector('#drift .items').textContent.includes('aws_instance.gone is gone')",
        &json!(true),
    )?;
    expect(&mut tab, "document.querySelector('#since li').textContent", &json!("new danger: <b>everything</b>"))?;
    nothing_complains(&tab)
}
