//! moto: a server that answers as AWS does, for tests. The one on PATH, or one that is installed below `target/`.

use std::env;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Trial};

use crate::tools;

/// What is installed where there is none.
const PACKAGE: &str = "moto[server]==5.2.1";

/// How long it may take to start: Python reads a lot on a cold disk.
const PATIENCE: Duration = Duration::from_secs(90);

/// A server on a port of its own, for as long as it lives.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    port: u16,
}

/// Runs tests that start servers of their own, as `cargo test` wants them run. Where none can be started every test is reported
/// as ignored with the reason; with `CI` set that is a failure instead.
pub fn run(tests: &[(&'static str, fn())]) -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = if arguments.list { None } else { Moto::start().err() };
    if let Some(reason) = &missing {
        anstream::eprintln!("not tested: {reason}");
    }
    let left_out = missing.is_some() && env::var_os("CI").is_none();
    let trials = tests.iter().map(|(name, test)| {
        let (missing, test) = (missing.clone(), *test);
        let run = move || match missing {
            Some(reason) => Err(reason.into()),
            None => {
                test();
                Ok(())
            }
        };
        Trial::test(*name, run).with_ignored_flag(left_out)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

impl Moto {
    /// Starts one. The error says what is missing.
    pub fn start() -> Result<Self, String> {
        let program = find()?;
        // Nobody else is given the port between this and its start, unless by bad luck; then it does not start.
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        drop(listener);
        let child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut moto = Self { child, port };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Ok(Some(status)) = moto.child.try_wait() {
                return Err(format!("{} ended with {status}", program.display()));
            }
            if Instant::now() > deadline {
                return Err(format!("{} does not answer", program.display()));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(moto)
    }

    /// Where it is. A name instead of the number would make clients put the bucket in front of it.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sends a request as it is, and returns the status and the body.
    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            // Whoever signs, with whatever, is the owner.
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n",
            self.port,
            body.len()
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer[end + 4..].to_vec())
    }

    /// Calls an operation of AWS Organizations as the management account; what it answers.
    ///
    /// # Panics
    /// It refuses.
    pub fn organizations(&self, operation: &str, input: &serde_json::Value) -> serde_json::Value {
        self.json("organizations", &format!("AWSOrganizationsV20161128.{operation}"), input)
    }

    /// Calls an operation of a service that speaks JSON; what it answers.
    ///
    /// # Panics
    /// It refuses.
    pub fn json(&self, service: &str, target: &str, input: &serde_json::Value) -> serde_json::Value {
        let headers = format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}");
        let body = self.call(service, &headers, &input.to_string());
        serde_json::from_str(&body).unwrap_or_default()
    }

    /// Calls an operation of IAM, with its parameters as a form; what it answers, as XML.
    ///
    /// # Panics
    /// It refuses.
    pub fn iam(&self, operation: &str, parameters: &str) -> String {
        let form = format!("Action={operation}&Version=2010-05-08&{parameters}");
        self.call("iam", "Content-Type: application/x-www-form-urlencoded", &form)
    }

    fn call(&self, service: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer);
        let (head, answer) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{service}: {body}: {text}");
        answer.to_owned()
    }

    /// Forgets everything, and makes up the same ids again.
    pub fn reset(&self) {
        for path in ["/moto-api/reset", "/moto-api/seed?a=42"] {
            assert_eq!(self.request("POST", path, b"").0, 200);
        }
    }

    /// Makes a bucket.
    pub fn bucket(&self, name: &str) {
        let place = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
        let (status, body) = self.request("PUT", &format!("/{name}"), place);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    }

    /// What an object holds, if it is there.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        let (status, body) = self.request("GET", &format!("/{bucket}/{key}"), b"");
        (status == 200).then_some(body)
    }

    /// Puts an object.
    pub fn put(&self, bucket: &str, key: &str, body: &[u8]) {
        let (status, body) = self.request("PUT", &format!("/{bucket}/{key}"), body);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn find() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os("GROUNDWORK_MOTO") {
        return Ok(PathBuf::from(named));
    }
    match tools::on_path("moto_server") {
        Some(found) => Ok(found),
        None => Ok(tools::environment("moto", PACKAGE)?.join("bin/moto_server")),
    }
}
