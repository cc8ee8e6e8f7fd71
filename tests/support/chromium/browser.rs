//! The DevTools protocol over a pair of pipes: no port, no socket, no WebSocket library.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::install::Chromium;

/// How long one answer may take. It is there so that a hanging browser fails a test instead of the whole run.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running browser; ends with its owner.
pub(crate) struct Browser {
    child: Child,
    requests: ChildStdin,
    messages: Receiver<Value>,
    last_id: u64,
    /// Dropped last: the profile must outlive the process.
    _profile: tempfile::TempDir,
}

/// One open page.
pub(crate) struct Tab<'a> {
    browser: &'a mut Browser,
    session: String,
    /// Network requests, console messages, exceptions and dialogs since the tab was opened.
    pub(crate) events: Vec<Value>,
}

impl Browser {
    /// Starts it with a fresh profile; what it says goes to `log`.
    pub(crate) fn start(chromium: &Chromium, log: &Path) -> Result<Self, String> {
        let profile = tempfile::tempdir().map_err(|error| format!("no folder for a profile: {error}"))?;
        let log = File::create(log).map_err(|error| format!("cannot write `{}`: {error}", log.display()))?;
        // The protocol speaks on descriptors 3 and 4; the shell puts our pipes there.
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"])
            .arg(&chromium.program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        if let Some(libraries) = &chromium.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        let mut child = command.spawn().map_err(|error| format!("cannot start chromium: {error}"))?;
        let requests = child.stdin.take().ok_or("chromium has no pipe to write to")?;
        let answers = child.stdout.take().ok_or("chromium has no pipe to read from")?;
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(answers);
            let mut bytes = Vec::new();
            while reader.read_until(0, &mut bytes).is_ok_and(|read| read > 0) {
                bytes.pop();
                let Ok(message) = serde_json::from_slice(&bytes) else { break };
                if sender.send(message).is_err() {
                    break;
                }
                bytes.clear();
            }
        });
        Ok(Self { child, requests, messages, last_id: 0, _profile: profile })
    }

    /// Opens a file and waits until its page says that it is ready.
    pub(crate) fn open(&mut self, file: &Path, width: u32, height: u32) -> Result<Tab<'_>, String> {
        let mut events = Vec::new();
        let created = self.call(None, "Target.createTarget", &json!({"url": "about:blank"}), &mut events)?;
        let attach = json!({"targetId": created["targetId"], "flatten": true});
        let attached = self.call(None, "Target.attachToTarget", &attach, &mut events)?;
        let session = attached["sessionId"].as_str().ok_or("chromium gave no session")?.to_owned();
        let mut tab = Tab { browser: self, session, events: Vec::new() };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            tab.call(&format!("{domain}.enable"), &json!({}))?;
        }
        tab.resize(width, height)?;
        tab.call("Page.navigate", &json!({"url": format!("file://{}", file.display())}))?;
        tab.wait_for("document.documentElement?.dataset.ready === 'true'")?;
        Ok(tab)
    }

    fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
        events: &mut Vec<Value>,
    ) -> Result<Value, String> {
        self.last_id += 1;
        let id = self.last_id;
        let mut request = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = session {
            request["sessionId"] = json!(session);
        }
        let mut bytes = request.to_string().into_bytes();
        bytes.push(0);
        self.requests.write_all(&bytes).map_err(|error| format!("chromium is gone: {error}"))?;
        loop {
            let mut message =
                self.messages.recv_timeout(PATIENCE).map_err(|error| format!("no answer to {method}: {error}"))?;
            if message["id"] != json!(id) {
                events.push(message);
                continue;
            }
            if let Some(error) = message.get("error") {
                return Err(format!("{method}: {error}"));
            }
            return Ok(message["result"].take());
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself; either way it has to be waited for.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Tab<'_> {
    fn call(&mut self, method: &str, parameters: &Value) -> Result<Value, String> {
        self.browser.call(Some(&self.session), method, parameters, &mut self.events)
    }

    /// The value of a JavaScript expression; promises are awaited.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value, String> {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", &parameters)?;
        if let Some(exception) = answer.get("exceptionDetails") {
            return Err(format!("`{expression}` threw {exception}"));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Waits until an expression is true.
    pub(crate) fn wait_for(&mut self, expression: &str) -> Result<(), String> {
        for _ in 0..600 {
            if self.evaluate(expression)? == json!(true) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(format!("`{expression}` never became true"))
    }

    /// Sets the size of the window.
    pub(crate) fn resize(&mut self, width: u32, height: u32) -> Result<(), String> {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &metrics).map(drop)
    }

    /// Makes the system prefer `light` or `dark`.
    pub(crate) fn prefer(&mut self, scheme: &str) -> Result<(), String> {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", &features).map(drop)
    }

    /// Presses and releases a key, as a keyboard would.
    pub(crate) fn press(&mut self, key: &str) -> Result<(), String> {
        let (code, text, number) = match key {
            "Enter" => ("Enter", "\r", 13),
            "Tab" => ("Tab", "", 9),
            "Escape" => ("Escape", "", 27),
            "End" => ("End", "", 35),
            "Home" => ("Home", "", 36),
            "ArrowLeft" => ("ArrowLeft", "", 37),
            "ArrowUp" => ("ArrowUp", "", 38),
            "ArrowRight" => ("ArrowRight", "", 39),
            "ArrowDown" => ("ArrowDown", "", 40),
            "/" => ("Slash", "/", 191),
            other => return Err(format!("no key named `{other}`")),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", &event)?;
        }
        Ok(())
    }

    /// Types text into whatever has the focus, then lets the page draw.
    pub(crate) fn enter(&mut self, text: &str) -> Result<(), String> {
        self.call("Input.insertText", &json!({"text": text}))?;
        self.settle()
    }

    /// Waits until the page has drawn twice, so that deferred work is done.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        let frames = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))";
        self.evaluate(frames).map(drop)
    }

    /// Clicks an element, as the page sees it.
    pub(crate) fn click(&mut self, selector: &str) -> Result<(), String> {
        self.evaluate(&format!("document.querySelector({}).click()", json!(selector)))?;
        self.settle()
    }

    /// Takes a picture of the window, or of the whole page.
    pub(crate) fn screenshot(&mut self, path: &Path, whole: bool) -> Result<PathBuf, String> {
        let parameters = json!({"format": "png", "captureBeyondViewport": whole});
        let answer = self.call("Page.captureScreenshot", &parameters)?;
        let text = answer["data"].as_str().ok_or("chromium sent no picture")?;
        let bytes = decode_base64(text);
        std::fs::write(path, bytes).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
        Ok(path.to_owned())
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}
