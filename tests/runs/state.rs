//! The bucket of the state.

use groundwork_testing::process::output;
use groundwork_testing::proxy;

use super::World;
use super::repository::{BACKEND, Repository, THINGS};

pub(crate) fn the_bucket_is_made_as_it_should_be_once(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &format!("{BACKEND}{THINGS}"));
    let bucket = format!("{}-boot", repository.bucket);
    repository.edit("domains.toml", &repository.bucket.clone(), &bucket);
    let endpoint = proxy::start(&world.moto.endpoint(), proxy::mend);
    let groundwork = |arguments: &[&str]| {
        let mut command = repository.command(arguments);
        output(command.env("AWS_ENDPOINT_URL", &endpoint))
    };
    let wanted = groundwork(&["state", "bootstrap", "--check"]).fails();
    assert_eq!(wanted.stdout.lines().count(), 6, "{}", wanted.stdout);
    assert_eq!(world.moto.request("GET", &format!("/{bucket}"), b"").0, 404, "--check makes nothing");
    let made = groundwork(&["state", "bootstrap"]).succeeds();
    assert_eq!(made.stdout, wanted.stdout);
    let again = groundwork(&["state", "bootstrap"]).succeeds();
    assert_eq!((again.stdout.as_str(), again.stderr.contains("is as it should be")), ("", true), "{}", again.stderr);
    groundwork(&["state", "bootstrap", "--check"]).succeeds();

    // What S3 itself says of it.
    let get = |what: &str| String::from_utf8(world.moto.request("GET", &format!("/{bucket}?{what}"), b"").1).unwrap();
    assert!(get("versioning").contains("<Status>Enabled</Status>"));
    assert!(get("encryption").contains("AES256"));
    assert_eq!(get("publicAccessBlock").matches("true").count(), 4, "{}", get("publicAccessBlock"));
    assert!(get("policy").contains("aws:SecureTransport"));
    assert!(get("lifecycle").contains("<NoncurrentDays>365</NoncurrentDays>"), "{}", get("lifecycle"));

    // Somebody undoes one thing and adds another: that is mended, and theirs stays.
    let theirs = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::x/*"}]}"#;
    let (status, _) = world.moto.request("PUT", &format!("/{bucket}?policy"), theirs.as_bytes());
    assert!((200..300).contains(&status));
    let mended = groundwork(&["state", "bootstrap"]).succeeds();
    assert_eq!(mended.stdout, "+ refuse requests without TLS\n");
    assert!(get("policy").contains("Theirs") && get("policy").contains("aws:SecureTransport"));

    let mut nobody = repository.command(&["state", "bootstrap"]);
    nobody.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    output(&mut nobody).fails().says(&["credentials"]);
}

pub(crate) fn objects_that_nobody_owns_are_listed(world: &World) {
    let repository = Repository::new(world, &["rehearsal", "catalog"], &format!("{BACKEND}{THINGS}"));
    repository.groundwork(&["apply", "--yes"]).succeeds();
    let none = repository.groundwork(&["state", "orphans"]).succeeds();
    assert_eq!(none.stdout, "");
    world.moto.put(&repository.bucket, "by/hand.tfstate", b"{}");
    let gone = repository.state_key("catalog/dev");
    // Retired, and then gone from domains.toml: somebody wrote that nothing is left, and was wrong.
    repository.edit("domains.toml", "[domains.catalog]\n", "[domains.catalog]\nlifecycle = \"retiring\"\n");
    repository.groundwork(&["allocate", "-q"]).succeeds();
    let retiring = "lifecycle = \"retiring\"\n";
    let ledger = repository.read("ledger.toml");
    repository.write("ledger.toml", &ledger.replace(retiring, &format!("{retiring}destroyed = \"2026-11-20\"\n")));
    repository.edit(
        "domains.toml",
        "[domains.catalog]\nlifecycle = \"retiring\"\nteam = \"platform\"\nenvironments = [\"dev\", \"prod\"]\n",
        "",
    );
    repository.groundwork(&["allocate", "-q"]).succeeds();
    let found = repository.groundwork(&["state", "orphans"]).succeeds();
    assert!(found.stdout.contains("by/hand.tfstate  no account"), "{}", found.stdout);
    assert!(found.stdout.contains(&format!("{gone}  was catalog/dev, retired")), "{}", found.stdout);
    let json = repository.groundwork(&["state", "orphans", "--format", "json"]).succeeds();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json.stdout).unwrap().as_array().unwrap().len(), 3);
}
