//! A key's life; and what goes wrong in it.

use groundwork_testing::process::Output;
use serde_json::{Value, json};

use super::cloud::{Cloud, LEGACY};

/// How long a key has to be looked at, at most, to be old.
const NOW: [&str; 2] = ["--older-than", "0s"];

fn json_of(said: &Output) -> Value {
    serde_json::from_str(&said.stdout).unwrap()
}

pub(crate) fn a_key_is_made_carried_replaced_and_removed() {
    let cloud = Cloud::new(LEGACY);
    cloud.groundwork(&["keys", "status"]).succeeds().says(&["shop/prod legacy-ci\n", "rotate would make another key"]);
    cloud.rotate(&[]).succeeds().says(&["made AKIA", "pushed AKIA", "to acme/shop (prod)", "is replaced after"]);
    let first = cloud.has_one_key_everywhere();
    // Nothing is written twice.
    cloud.layer.operations.lock().unwrap().clear();
    cloud.rotate(&[]).succeeds().says(&["1 user, 0 steps"]);
    let operations = cloud.layer.operations.lock().unwrap().clone();
    assert!(operations.iter().all(|operation| super::cloud::is_read(operation)), "{operations:?}");
    // The old one stays for whoever has it: a job that runs, a service that read it. No secret is said, however much is.
    let said = cloud.rotate(&[&NOW[..], &["-vvvv"]].concat()).succeeds().says(&["CreateAccessKey"]);
    let held = cloud.held();
    let second = held.vault.clone().unwrap();
    assert_eq!((held.keys.len(), held.keys[&first], held.keys[&second]), (2, true, true), "{held:?}");
    assert!(held.github.iter().all(|id| *id == second), "{held:?}");
    assert!(said.stderr.contains(&format!("{first} is at no sink any more")), "{}", said.stderr);
    // With both there is no room for a third: said, and nothing is broken.
    cloud.rotate(&NOW).fails().says(&["there is no room", "--grace 0s"]);
    let status = json_of(&cloud.groundwork(&["keys", "status", "--format", "json"]).succeeds());
    let user = &status["users"][0];
    assert_eq!(
        user["sinks"],
        json!([
            { "place": "/groundwork/faceless-users/legacy-ci/access-key", "key": second },
            { "place": "acme/shop (prod)", "key": second },
        ])
    );
    assert_eq!((&user["next"], user["keys"].as_array().unwrap().len()), (&Value::Null, 2));
    // It is known to others: a new one now, and both old ones end at once.
    let ended = cloud.rotate(&["--older-than", "0s", "--grace", "0s", "--format", "json"]).succeeds();
    let did: Vec<String> = json_of(&ended)["done"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["did"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(did, ["deactivated", "deleted", "made", "pushed", "deactivated", "deleted"]);
    let third = cloud.has_one_key_everywhere();
    assert!(third != first && third != second);
}

pub(crate) fn while_github_is_away_no_key_goes() {
    let cloud = Cloud::new(LEGACY);
    cloud.rotate(&[]).succeeds();
    let first = cloud.has_one_key_everywhere();
    cloud.away(true);
    // Secrets Manager gets its new key all the same; the one that GitHub holds is not touched, however it is asked.
    for _ in 0..2 {
        cloud
            .rotate(&["--older-than", "0s", "--grace", "0s", "--settle", "0s"])
            .fails()
            .says(&["HTTP 503", "may be at a sink that cannot be reached"]);
        let held = cloud.held();
        assert!(held.keys.len() == 2 && held.keys[&first], "{held:?}");
        assert_ne!(held.vault.as_ref(), Some(&first));
        assert_eq!(held.github, [first.clone(), first.clone()]);
    }
    cloud.groundwork(&["keys", "status"]).fails().says(&["nobody knows which key in acme/shop (prod)", "HTTP 503"]);
    cloud.away(false);
    cloud.rotate(&["--grace", "0s"]).succeeds();
    assert_ne!(cloud.has_one_key_everywhere(), first);
}

pub(crate) fn a_key_that_nobody_got_goes_again() {
    let cloud = Cloud::new(LEGACY);
    cloud.rotate(&[]).succeeds();
    let first = cloud.has_one_key_everywhere();
    *cloud.layer.lose.lock().unwrap() = Some("CreateAccessKey");
    cloud.rotate(&NOW).fails().says(&["iam:CreateAccessKey", "a later run deletes it"]);
    assert_eq!(cloud.held().keys.len(), 2, "AWS has made it");
    // It is never asked for twice.
    let asked = |cloud: &Cloud| {
        let operations = cloud.layer.operations.lock().unwrap();
        operations.iter().filter(|operation| *operation == "CreateAccessKey").count()
    };
    assert_eq!(asked(&cloud), 2);
    // A key of this age may be on its way, in another run.
    cloud.rotate(&NOW).fails().says(&["there is no room"]);
    cloud.rotate(&["--settle", "0s", "--grace", "0s"]).succeeds().says(&["deactivated AKIA", "deleted AKIA"]);
    assert_eq!(cloud.has_one_key_everywhere(), first);
    assert_eq!(asked(&cloud), 2);
    // One that does not get into Secrets Manager is removed at once.
    *cloud.layer.refuse.lock().unwrap() = Some("PutSecretValue");
    cloud.rotate(&NOW).fails().says(&["needs the permission secretsmanager:PutSecretValue"]);
    assert_eq!((cloud.has_one_key_everywhere(), asked(&cloud)), (first, 3));
    // Without a place to put it none is made.
    let name = "/groundwork/faceless-users/legacy-ci/access-key";
    let delete = json!({ "SecretId": name, "ForceDeleteWithoutRecovery": true });
    cloud.moto.json("secretsmanager", "secretsmanager.DeleteSecret", &delete);
    cloud
        .rotate(&NOW)
        .fails()
        .says(&["there is no secret `/groundwork/faceless-users/legacy-ci/access-key`", "groundwork apply shop/prod"]);
    assert_eq!((cloud.held().keys.len(), asked(&cloud)), (1, 3));
}

pub(crate) fn roles_are_published_where_their_workflows_run() {
    let cloud = Cloud::new(
        "{ name = \"deploy\", kind = \"oidc\", repositories = [\"acme/shop\"] }, \
         { name = \"main-ci\", kind = \"oidc\", repositories = [\"acme/shop\"], branches = [\"main\"] }",
    );
    let check = ["keys", "publish", "--check"];
    cloud
        .groundwork(&check)
        .fails()
        .says(&["+ acme/shop (prod): AWS_ROLE_ARN_DEPLOY = arn:aws:iam::123456789012:role/faceless/deploy"]);
    cloud.groundwork(&["keys", "publish"]).succeeds().says(&["4 of 4 variables written"]);
    let variables: Vec<(String, String)> = {
        let github = cloud.layer.github.lock().unwrap();
        github
            .iter()
            .filter(|(name, _)| name.starts_with("variable "))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let expected = [
        (
            "variable acme/shop/actions/variables/AWS_ROLE_ARN_MAIN_CI_PROD",
            "arn:aws:iam::123456789012:role/faceless/main-ci",
        ),
        ("variable acme/shop/actions/variables/AWS_ROLE_NAME_MAIN_CI_PROD", "main-ci"),
        (
            "variable acme/shop/environments/prod/variables/AWS_ROLE_ARN_DEPLOY",
            "arn:aws:iam::123456789012:role/faceless/deploy",
        ),
        ("variable acme/shop/environments/prod/variables/AWS_ROLE_NAME_DEPLOY", "deploy"),
    ];
    assert_eq!(variables, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    cloud.groundwork(&check).succeeds().says(&["4 variables: nothing to write"]);
    let first = "variable acme/shop/environments/prod/variables/AWS_ROLE_NAME_DEPLOY".to_owned();
    cloud.layer.github.lock().unwrap().insert(first, "somebody".to_owned());
    cloud.groundwork(&["keys", "publish"]).succeeds().says(&["1 of 4 variables written"]);
}

/// Two accounts would write the same secret of the same environment: nothing is written at all.
pub(crate) fn what_would_be_overwritten_is_refused() {
    let shared = LEGACY.replace(" }", ", environments = [\"shared\"] }");
    let cloud = Cloud::new(&shared);
    let read = |path: &str| std::fs::read_to_string(cloud.path(path)).unwrap();
    let domains = read("domains.toml").replace("[environments.prod]\n", "[environments.prod]\n[environments.dev]\n");
    cloud.write("domains.toml", &domains.replace("environments = [\"prod\"]", "environments = [\"dev\", \"prod\"]"));
    cloud.groundwork(&["allocate", "-q"]).succeeds();
    // As long as it does not exist it writes nothing.
    cloud.groundwork(&["keys", "status"]).succeeds();
    let header = "[accounts.\"shop/dev\"]\n";
    cloud.write("ledger.toml", &read("ledger.toml").replace(header, &format!("{header}id = \"222222222222\"\n")));
    cloud.layer.operations.lock().unwrap().clear();
    for arguments in [&["keys", "rotate"][..], &["keys", "rotate", "shop/prod"], &["keys", "publish"]] {
        cloud.groundwork(arguments).fails().says(&[
            "`shop/dev` and `shop/prod` would both write AWS_KEY_LEGACY_CI in acme/shop (shared)",
            "other `environments`",
        ]);
    }
    assert_eq!(cloud.layer.operations.lock().unwrap().len(), 0);
}

pub(crate) fn what_is_missing_is_said() {
    let cloud = Cloud::new(LEGACY);
    cloud.layer.github.lock().unwrap().clear();
    cloud.rotate(&[]).fails().says(&["acme/shop has no environment `prod`", "with its protection rules"]);
    // Secrets Manager has its key.
    let held = cloud.held();
    assert!(held.vault.is_some() && held.keys.len() == 1, "{held:?}");
    cloud.moto.reset();
    cloud.rotate(&[]).fails().says(&["there is no IAM user `legacy-ci`", "groundwork apply shop/prod"]);
    cloud.groundwork(&["keys", "status", "shop/dev"]).fails().says(&["no account matches `shop/dev`"]);
    cloud.is_sound();
}
