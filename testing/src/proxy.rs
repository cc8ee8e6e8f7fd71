//! A server between a program and moto: passes calls on, and does with them whatever a test wants.

use std::io::{self, Read, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

/// A call.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called: the operation where a header names it (`CreateAccount`), otherwise the path without its query.
    pub operation: String,
    /// The first line and the headers.
    head: String,
    /// What is sent.
    pub body: Vec<u8>,
}

impl Call {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The same call with another body.
    pub fn with(&self, json: &Value) -> Self {
        Self { body: json.to_string().into_bytes(), ..self.clone() }
    }

    /// Whether it only asks.
    pub fn is_read(&self) -> bool {
        ["List", "Describe", "Get", "/getAlternateContact"].iter().any(|start| self.operation.starts_with(start))
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer in JSON.
    pub fn json(status: u16, json: &Value) -> Self {
        let head = format!("HTTP/1.1 {status} whatever\r\nContent-Type: application/x-amz-json-1.1");
        Self { head, body: json.to_string().into_bytes() }
    }

    /// An error as AWS words it.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "__type": code, "Message": message, "message": message }))
    }

    /// An error as AWS's oldest services word it.
    pub fn xml_error(status: u16, code: &str, message: &str) -> Self {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        Self { head: format!("HTTP/1.1 {status} whatever\r\nContent-Type: text/xml"), body: body.into_bytes() }
    }

    /// The body as JSON, changed.
    #[must_use]
    pub fn edited(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        let mut json = serde_json::from_slice(&self.body).unwrap_or_default();
        edit(&mut json);
        self.body = json.to_string().into_bytes();
        self
    }
}

/// Passes a call on to moto. The error is that there is no moto any more.
pub type Forward<'a> = &'a dyn Fn(&Call) -> io::Result<Answer>;

/// What is done with a call: an answer, or nothing, which cuts the connection.
pub type Hook = dyn Fn(&Call, Forward<'_>) -> io::Result<Option<Answer>> + Send + Sync;

/// Listens on a port of its own for as long as the process lives. Returns where it is.
///
/// # Panics
/// There is no port to be had.
pub fn start(
    upstream: &str,
    hook: impl Fn(&Call, Forward<'_>) -> io::Result<Option<Answer>> + Send + Sync + 'static,
) -> String {
    let upstream: Arc<str> = upstream.trim_start_matches("http://").into();
    let hook: Arc<Hook> = Arc::new(hook);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (upstream, hook) = (Arc::clone(&upstream), Arc::clone(&hook));
            thread::spawn(move || serve(client, &upstream, &*hook));
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// Passes everything on as it is, but for what moto gets wrong.
pub fn mend(call: &Call, forward: Forward<'_>) -> io::Result<Option<Answer>> {
    /// What moto answers, and what S3 does. The SDK takes the answer at its word.
    const WRONG: &[u8] = b"GetBucketVersioningResponse";
    const RIGHT: &[u8] = b"VersioningConfiguration";
    let mut answer = forward(call)?;
    while let Some(at) = position(&answer.body, WRONG) {
        answer.body.splice(at..at + WRONG.len(), RIGHT.iter().copied());
    }
    Ok(Some(answer))
}

/// One connection, one request: the answer ends when the server closes.
fn serve(mut client: TcpStream, upstream: &str, hook: &Hook) -> io::Result<()> {
    let (head, body) = message(&mut client)?;
    let is_head = head.starts_with("HEAD ");
    let target =
        head.split("\r\n").find(|line| is(line, "x-amz-target")).and_then(|line| line.rsplit(['.', ':']).next());
    let path = || head.split([' ', '?']).nth(1).unwrap_or_default();
    let operation = target.map_or_else(path, str::trim).to_owned();
    let call = Call { operation, head, body };
    let Some(answer) = hook(&call, &|call| pass(call, upstream))? else { return client.shutdown(Shutdown::Both) };
    let mut lines: Vec<String> = answer
        .head
        .split("\r\n")
        .filter(|line| {
            !is(line, "connection") && (is_head || !is(line, "content-length") && !is(line, "transfer-encoding"))
        })
        .map(str::to_owned)
        .collect();
    lines.push("Connection: close".to_owned());
    if !is_head {
        lines.push(format!("Content-Length: {}", answer.body.len()));
    }
    write!(client, "{}\r\n\r\n", lines.join("\r\n"))?;
    client.write_all(&answer.body)?;
    client.shutdown(Shutdown::Both)
}

fn pass(call: &Call, upstream: &str) -> io::Result<Answer> {
    let mut server = TcpStream::connect(upstream)?;
    let own = ["connection", "content-length"];
    let mut lines: Vec<String> =
        call.head.split("\r\n").filter(|line| !own.iter().any(|name| is(line, name))).map(str::to_owned).collect();
    lines.push("Connection: close".to_owned());
    lines.push(format!("Content-Length: {}", call.body.len()));
    write!(server, "{}\r\n\r\n", lines.join("\r\n"))?;
    server.write_all(&call.body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let end = position(&answer, b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    Ok(Answer { head, body: answer.get(end + 4..).unwrap_or_default().to_vec() })
}

/// The head of a request, and its body.
fn message(stream: &mut impl Read) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8_192];
    let end = loop {
        if let Some(end) = position(&bytes, b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&buffer[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head.split("\r\n").find(|line| is(line, "content-length"));
    let length = length.and_then(|line| line.split(':').nth(1)?.trim().parse().ok()).unwrap_or(0);
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        body.extend_from_slice(&buffer[..read]);
    }
    Ok((head, body))
}

fn is(line: &str, name: &str) -> bool {
    line.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(name))
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
