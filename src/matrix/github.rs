//! What GitHub Actions' `fromJSON` takes.

use serde_json::{Map, Value as Json, json};

use super::{Matrix, WaveJobs};

/// One object: per wave its matrix under the wave's name, and `has_<wave>`, because GitHub fails a job whose
/// matrix is empty. `wave_names` lists the names in order (no wave can have a name with `_` in it).
///
/// ```json
/// {"wave_names":["rehearsal"],"has_rehearsal":true,"rehearsal":{"include":[{"name":"…","action":"apply","accounts":["…"]}]}}
/// ```
pub fn to_github(matrix: &Matrix) -> Json {
    let mut object = Map::new();
    object.insert("wave_names".to_owned(), matrix.waves.iter().map(|wave| json!(wave.name)).collect());
    for wave in &matrix.waves {
        object.insert(wave.name.clone(), json!({ "include": wave.jobs }));
        object.insert(format!("has_{}", wave.name), json!(!wave.jobs.is_empty()));
    }
    Json::Object(object)
}

/// The same as the lines of a step's output: per wave `<wave>` and `has_<wave>`, each on one line.
pub fn to_github_output(matrix: &Matrix) -> String {
    let one = |wave: &WaveJobs| {
        format!("{0}={1}\nhas_{0}={2}\n", wave.name, json!({ "include": wave.jobs }), !wave.jobs.is_empty())
    };
    matrix.waves.iter().map(one).collect()
}
