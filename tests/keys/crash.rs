//! SIGKILL at every call, before it had its effect and after.

use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::thread;

use super::cloud::{Cloud, LEGACY, is_read};

/// One whole life of a key in a run: a new one is made and carried everywhere, the one before is deactivated and deleted.
const RUN: [&str; 10] = ["keys", "rotate", "--poll", "1ms", "--older-than", "0s", "--grace", "0s", "--settle", "0s"];

pub(crate) fn killed_at_any_call_no_sink_is_without_its_key() {
    let cloud = Cloud::new(LEGACY);
    let begin = |cloud: &Cloud| {
        cloud.begin();
        cloud.has_had_a_run();
        cloud.has_one_key_everywhere()
    };
    let first = begin(&cloud);
    cloud.groundwork(&RUN).succeeds();
    let operations = cloud.layer.operations.lock().unwrap().clone();
    assert_ne!(cloud.has_one_key_everywhere(), first, "it is replaced");
    let changes = operations.iter().filter(|operation| !is_read(operation)).count();
    assert_eq!(changes, 6, "{operations:#?}");

    // A call that changes nothing is the same before and after.
    let points: Vec<(usize, bool)> = (1..=operations.len())
        .flat_map(|number| {
            let both: &[bool] = if is_read(&operations[number - 1]) { &[false] } else { &[false, true] };
            both.iter().map(move |after| (number, *after))
        })
        .collect();
    let (half, others) = points.split_at(points.len() / 2);
    let killed_at = |cloud: &Cloud, points: &[(usize, bool)]| {
        for (number, after) in points {
            begin(cloud);
            cloud.layer.after.store(*after, Ordering::SeqCst);
            cloud.layer.kill_at.store(*number, Ordering::SeqCst);
            let mut child = cloud.command(&RUN).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            cloud.layer.program.store(child.id(), Ordering::SeqCst);
            let when = format!("killed at call {number}, {}, {after}", operations[number - 1]);
            assert_eq!(child.wait().unwrap().code(), None, "{when}");
            cloud.layer.kill_at.store(0, Ordering::SeqCst);
            cloud.is_sound();
            // Nothing is due any more where the new key has got anywhere; where not, the old one is young enough.
            cloud.rotate(&["--grace", "0s", "--settle", "0s"]).succeeds();
            let held = cloud.held();
            assert!(held.keys.len() == 1 && held.keys.values().all(|active| *active), "{when}: {held:?}");
            cloud.has_one_key_everywhere();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| killed_at(&Cloud::new(LEGACY), others));
        killed_at(&cloud, half);
    });
    anstream::eprintln!("{} kill points, no sink without its key", points.len());
}
