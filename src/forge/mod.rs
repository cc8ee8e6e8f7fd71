//! GitHub, as far as groundwork itself speaks to it: through its own program, `gh`, which knows how to log in.
//!
//! What is said is decided here, from what was read; `gh` only carries it.

mod environment;
pub mod request;

pub use environment::Said;

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::system::gh::{Gh, GhError};

/// In front of a comment or an issue that is groundwork's, so that it finds it again. Nobody sees it.
const COMMENT_MARK: &str = "<!-- groundwork: review -->";
const DRIFT_MARK: &str = "<!-- groundwork: drift -->";

/// The label of the issue about drift.
pub const DRIFT_LABEL: &str = "groundwork-drift";

/// How often a file that somebody else changed meanwhile is read and written again.
const MOST_WRITES: usize = 5;

/// What became of something that is kept up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is new.
    Created,
    /// It says something else now.
    Updated,
    /// It is closed.
    Closed,
    /// It is as it was.
    Unchanged,
}

/// A repository on GitHub.
#[derive(Debug)]
pub struct GitHub<'a> {
    /// Who carries it there.
    pub gh: &'a Gh,
    /// `owner/name`.
    pub repository: String,
}

/// A comment or an issue.
#[derive(Debug, Deserialize)]
struct Text {
    id: u64,
    #[serde(default)]
    number: u64,
    body: Option<String>,
}

impl GitHub<'_> {
    fn get(&self, path: &str) -> Result<Value, GhError> {
        self.gh.api("GET", &format!("repos/{}/{path}", self.repository), None)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, GhError> {
        self.gh.api(method, &format!("repos/{}/{path}", self.repository), Some(body))
    }

    fn all<T: for<'de> Deserialize<'de>>(&self, path: &str) -> Result<Vec<T>, GhError> {
        self.gh.pages(&format!("repos/{}/{path}", self.repository))
    }

    /// Keeps one comment of a pull request up to date.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn comment(&self, number: u64, text: &str) -> Result<Kept, GhError> {
        let body = format!("{COMMENT_MARK}\n{text}");
        let comments: Vec<Text> = self.all(&format!("issues/{number}/comments?per_page=100"))?;
        match comments.iter().find(|comment| is_marked(comment, COMMENT_MARK)) {
            Some(same) if same.body.as_deref() == Some(body.as_str()) => Ok(Kept::Unchanged),
            Some(own) => {
                self.send("PATCH", &format!("issues/comments/{}", own.id), &json!({ "body": body }))?;
                Ok(Kept::Updated)
            }
            None => {
                self.send("POST", &format!("issues/{number}/comments"), &json!({ "body": body }))?;
                Ok(Kept::Created)
            }
        }
    }

    /// Keeps one issue about drift up to date; closes it when there is none.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn drift(&self, drifted: usize, text: &str) -> Result<Kept, GhError> {
        let issues: Vec<Text> = self.all(&format!("issues?state=open&labels={DRIFT_LABEL}&per_page=100"))?;
        let own = issues.iter().find(|issue| is_marked(issue, DRIFT_MARK));
        let title = match drifted {
            1 => "1 account has drifted".to_owned(),
            number => format!("{number} accounts have drifted"),
        };
        let body = format!("{DRIFT_MARK}\n{text}");
        match (own, drifted) {
            (None, 0) => Ok(Kept::Unchanged),
            (Some(own), 0) => {
                let path = format!("issues/{}", own.number);
                self.send("POST", &format!("{path}/comments"), &json!({ "body": "Nothing has drifted any more." }))?;
                self.send("PATCH", &path, &json!({ "state": "closed", "state_reason": "completed" }))?;
                Ok(Kept::Closed)
            }
            (Some(same), _) if same.body.as_deref() == Some(body.as_str()) => Ok(Kept::Unchanged),
            (Some(own), _) => {
                self.send("PATCH", &format!("issues/{}", own.number), &json!({ "title": title, "body": body }))?;
                Ok(Kept::Updated)
            }
            (None, _) => {
                self.send("POST", "issues", &json!({ "title": title, "body": body, "labels": [DRIFT_LABEL] }))?;
                Ok(Kept::Created)
            }
        }
    }

    /// The latest run of a workflow that was about the pull request a commit came from, if there was one.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn reviewing_run(&self, commit: &str, workflow: &str) -> Result<Option<u64>, GhError> {
        let pulls: Vec<Value> = self.all(&format!("commits/{commit}/pulls?per_page=100"))?;
        let merged = pulls.iter().filter(|pull| !pull["merged_at"].is_null());
        let own = merged.clone().find(|pull| pull["merge_commit_sha"] == commit).or_else(|| merged.clone().next());
        let Some(head) = own.and_then(|pull| pull["head"]["sha"].as_str()) else { return Ok(None) };
        let runs =
            self.get(&format!("actions/workflows/{workflow}/runs?head_sha={head}&status=success&per_page=100"))?;
        let runs = runs["workflow_runs"].as_array().cloned().unwrap_or_default();
        Ok(runs.iter().filter_map(|run| run["id"].as_u64()).max())
    }

    /// Downloads an artifact of a run, if it has that one; whether it has.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn download(&self, run: &str, artifact: &str, folder: &str) -> Result<bool, GhError> {
        let found = self.get(&format!("actions/runs/{run}/artifacts?name={artifact}&per_page=100"))?;
        let is_there =
            |artifacts: &Vec<Value>| artifacts.iter().any(|one| one["name"] == artifact && one["expired"] != true);
        if !found["artifacts"].as_array().is_some_and(is_there) {
            return Ok(false);
        }
        self.gh
            .run(&["run", "download", run, "--repo", &self.repository, "--name", artifact, "--dir", folder], None)?;
        Ok(true)
    }

    /// Writes what `edit` makes of a file on a branch, as a commit; whether there was anything to write. What somebody else
    /// wrote meanwhile is read again, and edited.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached, or `edit` cannot use what is there.
    pub fn write(
        &self,
        branch: &str,
        path: &str,
        message: &str,
        edit: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<bool, GhError> {
        use base64::Engine as _;
        let base64 = &base64::engine::general_purpose::STANDARD;
        for last in (0..MOST_WRITES).map(|write| write + 1 == MOST_WRITES) {
            let file = self.get(&format!("contents/{path}?ref={branch}"))?;
            let packed: String = file["content"].as_str().unwrap_or_default().split_whitespace().collect();
            let bytes = base64.decode(packed).map_err(|error| GhError::answer(path, error))?;
            let now = String::from_utf8(bytes).map_err(|error| GhError::answer(path, error))?;
            let new = edit(&now).map_err(|reason| GhError::answer(path, reason))?;
            if new == now {
                return Ok(false);
            }
            let body =
                json!({ "message": message, "branch": branch, "sha": file["sha"], "content": base64.encode(new) });
            match self.send("PUT", &format!("contents/{path}"), &body) {
                Ok(_) => return Ok(true),
                Err(error) if error.is_conflict() && !last => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Makes a branch where another one is; or moves it there, where it is already.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn branch(&self, name: &str, from: &str) -> Result<(), GhError> {
        let at = self.get(&format!("git/ref/heads/{from}"))?;
        let sha = &at["object"]["sha"];
        let exists: Vec<Value> = self.all(&format!("git/matching-refs/heads/{name}"))?;
        let reference = format!("refs/heads/{name}");
        if exists.iter().any(|found| found["ref"] == reference.as_str()) {
            self.send("PATCH", &format!("git/refs/heads/{name}"), &json!({ "sha": sha, "force": true }))?;
        } else {
            self.send("POST", "git/refs", &json!({ "ref": reference, "sha": sha }))?;
        }
        Ok(())
    }

    /// Keeps one pull request from a branch; its number.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn pull_request(&self, branch: &str, into: &str, title: &str, text: &str) -> Result<u64, GhError> {
        let owner = self.repository.split('/').next().unwrap_or_default();
        let open: Vec<Value> = self.all(&format!("pulls?state=open&head={owner}:{branch}&base={into}&per_page=100"))?;
        if let Some(number) = open.iter().find_map(|pull| pull["number"].as_u64()) {
            return Ok(number);
        }
        let body = json!({ "title": title, "head": branch, "base": into, "body": text });
        Ok(self.send("POST", "pulls", &body)?["number"].as_u64().unwrap_or_default())
    }

    /// Answers an issue.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn answer(&self, issue: u64, text: &str) -> Result<(), GhError> {
        self.send("POST", &format!("issues/{issue}/comments"), &json!({ "body": text })).map(|_| ())
    }
}

fn is_marked(text: &Text, mark: &str) -> bool {
    text.body.as_deref().is_some_and(|body| body.starts_with(mark))
}

/// What a failed run is to a chat: what failed, and where to read on.
pub fn failure_message(run: &str, failed: &[(String, String)], link: Option<&str>) -> String {
    const MOST: usize = 20;
    let mut text = format!("{run} failed");
    for (account, message) in failed.iter().take(MOST) {
        // What a chat takes for markup is nobody's to write.
        let plain: String = message.chars().filter(|c| !matches!(c, '<' | '>' | '`' | '*' | '@' | '&')).collect();
        write!(text, "\n{account}: {plain}").ok();
    }
    if failed.len() > MOST {
        write!(text, "\nand {} more", failed.len() - MOST).ok();
    }
    if let Some(link) = link {
        write!(text, "\n{link}").ok();
    }
    text
}
