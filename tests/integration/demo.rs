//! `demo`: the review of an organization that does not exist.

use crate::harness::Repository;

/// Everything a review is for is in it; the snapshot says how it reads.
#[test]
fn everything_that_a_review_is_for_is_shown() {
    let repository = Repository::empty();
    let run = repository.run(&["demo"]).succeeds();
    insta::assert_snapshot!("demo", run.stdout);
    insta::assert_snapshot!("demo_next", run.stderr);
    let page = repository.read("groundwork-demo.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("store-finder") && page.contains("payments/prod"));
    // The same every time, wherever it goes.
    let again = repository.run(&["demo", "--html", "pages/review.html"]).succeeds();
    assert_eq!(again.stdout, run.stdout);
    assert_eq!(repository.read("pages/review.html"), page);
}
