//! Many accounts whose plans have a known number of patterns and outliers.

use std::collections::BTreeMap;

use groundwork::digest::DangerKind;
use groundwork::output::markdown::{MOST_BYTES, Options, to_markdown};
use groundwork::output::text::to_text;
use groundwork::review::{About, Review, Subject, review};
use groundwork::system::plans::read_one;

use crate::planner::Root;
use groundwork_testing::terraform::Terraform;

const DOMAINS: usize = 44;
const ENVIRONMENTS: [&str; 3] = ["dev", "stage", "prod"];

/// `changed` turns what is there into what is wanted. Every account gets longer retention, under names and ids of its
/// own; prod gets a flow log, and every fourth domain has its role replaced.
const SOURCE: &str = r#"
variable "domain" { type = string }
variable "environment" { type = string }
variable "size" { type = string }
variable "changed" {
  type    = bool
  default = false
}
variable "odd" {
  type    = string
  default = ""
}
resource "terraform_data" "logs" {
  input = { bucket = "acme-${var.domain}-${var.environment}-logs", retention = var.changed ? 90 : 30 }
}
resource "terraform_data" "gateway" {
  count = var.changed && var.odd == "destroys" ? 2 : 3
  input = "nat-${var.domain}-${count.index}"
}
resource "terraform_data" "flow" {
  count = var.changed && var.environment == "prod" ? 1 : 0
  input = { device = "/dev/sda1", group = "/acme/${upper(var.domain)}" }
}
resource "terraform_data" "role" {
  for_each         = toset(["${var.domain}-ci"])
  input            = "arn:aws:iam::123456789012:role/${each.key}"
  triggers_replace = [var.changed && parseint(regex("[0-9]+", var.domain), 10) % 4 == 0 ? "new" : "old"]
}
resource "terraform_data" "size" {
  input = var.changed ? var.size : "small"
}
"#;

pub(crate) fn a_fleet_has_the_patterns_and_outliers_it_was_given(terraform: &Terraform) {
    let review = review(subjects(terraform));
    assert_eq!(review.accounts.len(), DOMAINS * 3);
    assert_eq!(review.not_planned.len(), 0);

    // Dev and stage, prod; each with and without a replaced role, and of each two sizes.
    let sizes: Vec<usize> = review.patterns.iter().map(|pattern| pattern.accounts.len()).collect();
    assert_eq!(sizes, [42, 22, 21, 14, 11, 8, 7, 4], "{}", to_text(&review));
    let outliers: Vec<&str> = review.outliers.iter().map(|outlier| outlier.account.as_str()).collect();
    assert_eq!(outliers, ["domain-13/prod", "domain-2/stage", "domain-31/dev"]);
    assert_the_outliers_are_named_for_what_they_do(&review);
    assert_dangers_are_all_there(&review);

    let common = review.common.as_ref().expect("the retention changes everywhere");
    assert_eq!(common.patterns.len(), 8);
    assert_eq!(
        common.changes.iter().map(|change| change.address.as_str()).collect::<Vec<_>>(),
        ["terraform_data.logs"]
    );

    let same = review.patterns[1].same_shape.as_ref().expect("the second does what the first does");
    assert_eq!(same.pattern, review.patterns[0].id);
    assert_eq!(same.differences.len(), 1, "{same:?}");
    assert_eq!(
        (same.differences[0].address.as_str(), same.differences[0].path.as_deref()),
        ("terraform_data.size", Some("input"))
    );

    // The device is not named for the environment, though one of them is called so.
    let device = |pattern: usize| {
        let flow = review.patterns[pattern].changes.iter().find(|change| change.address.ends_with("flow[0]")).unwrap();
        flow.attributes.iter().map(|attribute| format!("{}={:?}", attribute.path, attribute.after)).collect::<Vec<_>>()
    };
    assert!(device(2).contains(&"input.device=Text(\"\\\"/dev/sda1\\\"\")".to_owned()), "{:?}", device(2));
    assert!(device(2).contains(&"input.group=Text(\"\\\"/acme/{DOMAIN}\\\"\")".to_owned()), "{:?}", device(2));

    let ids = vec![(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID")];
    insta::with_settings!({filters => ids}, {
        insta::assert_snapshot!("fleet_text", to_text(&review));
        insta::assert_snapshot!("fleet_comment", to_markdown(&review, Options { most_bytes: MOST_BYTES, link: None }));
    });
}

fn assert_the_outliers_are_named_for_what_they_do(review: &Review) {
    let of = |account: &str| review.outliers.iter().find(|outlier| outlier.account == account).unwrap();
    let destroys = of("domain-13/prod");
    assert_eq!(destroys.differences.len(), 1, "{:?}", destroys.differences);
    assert_eq!(destroys.differences[0].address, "terraform_data.gateway[2]");
    assert!(!destroys.differences[0].harmless);
    let huge = of("domain-31/dev");
    assert_eq!(huge.differences.len(), 1, "{:?}", huge.differences);
    assert_eq!(huge.differences[0].path.as_deref(), Some("input"));
    let also = of("domain-2/stage");
    assert_eq!(also.differences.len(), 1, "{:?}", also.differences);
    assert_eq!(also.differences[0].address, "terraform_data.extra");
}

fn assert_dangers_are_all_there(review: &Review) {
    let mut found: BTreeMap<(DangerKind, bool), usize> = BTreeMap::new();
    for danger in &review.dangers {
        *found.entry((danger.worst(), danger.protected)).or_default() += danger.accounts.len();
    }
    let replaced = (0..DOMAINS).filter(|index| index % 4 == 0).count();
    let expected = BTreeMap::from([
        ((DangerKind::Destroy, true), 1),
        ((DangerKind::Replace, true), replaced),
        ((DangerKind::Replace, false), replaced * 2),
    ]);
    assert_eq!(found, expected);
    assert!(review.dangers[0].protected && review.dangers[0].worst() == DangerKind::Destroy, "the worst comes first");
    // One entry for all roles, although each has a name of its own.
    assert_eq!(review.dangers.len(), 3, "{:#?}", review.dangers);
}

fn subjects(terraform: &Terraform) -> Vec<Subject> {
    let root = Root::new(terraform, SOURCE);
    let mut subjects = Vec::new();
    for index in 0..DOMAINS {
        for environment in ENVIRONMENTS {
            let domain = format!("domain-{index}");
            let size = if index % 3 == 0 { "large" } else { "medium" };
            let odd = match (index, environment) {
                (13, "prod") => "destroys",
                (31, "dev") => "huge",
                (2, "stage") => "also",
                _ => "",
            };
            let size = if odd == "huge" { "x1e.32xlarge" } else { size };
            std::fs::remove_file(root.path().join("terraform.tfstate")).ok();
            root.source(SOURCE);
            let variables = [
                format!("-var=domain={domain}"),
                format!("-var=environment={environment}"),
                format!("-var=size={size}"),
            ];
            let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
            root.apply(&variables);
            if odd == "also" {
                root.source(&format!("{SOURCE}\nresource \"terraform_data\" \"extra\" {{}}\n"));
            }
            let odd = format!("-var=odd={odd}");
            let plan = root.plan(&[variables.as_slice(), &["-var=changed=true", &odd]].concat());
            let key = format!("{domain}/{environment}");
            let digest = read_one(plan.as_bytes(), Some(&key), None);
            let about = About { protected: environment == "prod", ..About::key(&key) };
            subjects.push(Subject { key, about, digest });
        }
    }
    subjects
}
