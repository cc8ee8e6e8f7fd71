//! A server between groundwork and moto, which mends what moto gets wrong.

use std::io::{self, Read, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// What moto answers, and what S3 does. The SDK takes the answer at its word.
const MENDED: [(&[u8], &[u8]); 1] = [(b"GetBucketVersioningResponse", b"VersioningConfiguration")];

/// Listens on a port of its own for as long as the process lives, and passes everything on. Returns where it is.
pub fn start(upstream: &str) -> String {
    let upstream = upstream.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let upstream = upstream.clone();
            thread::spawn(move || pass(client, &upstream));
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// One connection, one request: the answer ends when the server closes.
fn pass(mut client: TcpStream, upstream: &str) -> io::Result<()> {
    let (head, body) = message(&mut client)?;
    let mut server = TcpStream::connect(upstream)?;
    let mut lines: Vec<&str> = head.split("\r\n").filter(|line| !is(line, "connection")).collect();
    lines.push("Connection: close");
    write!(server, "{}\r\n\r\n", lines.join("\r\n"))?;
    server.write_all(&body)?;
    let is_head = head.starts_with("HEAD ");
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let end = position(&answer, b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut body = answer.get(end + 4..).unwrap_or_default().to_vec();
    for (wrong, right) in MENDED {
        while let Some(at) = position(&body, wrong) {
            body.splice(at..at + wrong.len(), right.iter().copied());
        }
    }
    let mut lines: Vec<String> = head
        .split("\r\n")
        .filter(|line| {
            !is(line, "connection") && (is_head || !is(line, "content-length") && !is(line, "transfer-encoding"))
        })
        .map(str::to_owned)
        .collect();
    lines.push("Connection: close".to_owned());
    if !is_head {
        lines.push(format!("Content-Length: {}", body.len()));
    }
    write!(client, "{}\r\n\r\n", lines.join("\r\n"))?;
    client.write_all(&body)?;
    client.shutdown(Shutdown::Both)
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
