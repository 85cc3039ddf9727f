//! A mail server that fails, in one way at a time: short, at every stage in turn; long, one stage at a
//! time. Where it never replied after 354, exactly those mails are in doubt; what was busy, silent or
//! gone before is tried again; what was refused has failed for good.

use super::Scene;
use crate::mailserver::{Fault, Kind};
use crate::plan::Length;
use crate::quiet::Ending;
use crate::stage::Stage;
use comm_devkit::smtp::{AfterMail, SmtpOptions, Stage as Moment};
use comm_tests::World;

/// Every way to fail, its name, and the seconds after which a client gives up.
const WAYS: [(Kind, &str, u32); 7] = [
    (Kind::Busy, "says 4xx", 30),
    (Kind::Refuse, "says 5xx", 30),
    (Kind::Hang, "hangs", 3),
    (Kind::Drop, "hangs up", 30),
    (Kind::Garbage, "says garbage", 30),
    (Kind::Late, "answers late", 30),
    (Kind::TooLate, "answers too late", 3),
];

pub(crate) fn scenes(length: Length) -> Vec<Scene> {
    let mut scenes: Vec<Scene> = match length {
        Length::Short => WAYS
            .map(|(kind, words, patience)| scene(words, every_stage(kind), patience))
            .into(),
        Length::Long => {
            let ways = WAYS.into_iter();
            ways.flat_map(|(kind, words, patience)| one_by_one(kind, words, patience))
                .collect()
        }
    };
    scenes.push(Scene::new("SMTP closes idle connections", closes));
    if length == Length::Long {
        scenes.push(refused_before_mail(Moment::Greeting));
        scenes.push(refused_before_mail(Moment::Ehlo));
    }
    scenes
}

fn every_stage(kind: Kind) -> Vec<Fault> {
    let stages = Fault::stages(kind).into_iter();
    stages.map(|stage| Fault { stage, kind }).collect()
}

fn one_by_one(kind: Kind, words: &str, patience: u32) -> Vec<Scene> {
    let faults = every_stage(kind).into_iter();
    faults
        .map(|fault| {
            scene(
                &format!("{words}: {:?}", fault.stage),
                vec![fault],
                patience,
            )
        })
        .collect()
}

/// The set-up seems to be at fault: tried again after a minute, and not counted.
fn refused_before_mail(stage: Moment) -> Scene {
    let kind = Kind::Refuse;
    scene(
        &format!("says 5xx: {stage:?}"),
        vec![Fault { stage, kind }],
        30,
    )
}

fn scene(words: &str, faults: Vec<Fault>, patience: u32) -> Scene {
    Scene::new(format!("SMTP {words}"), move |stage| async move {
        play(stage, &faults, patience).await
    })
}

async fn play(stage: Stage, faults: &[Fault], patience: u32) -> Ending {
    let mut set = stage.with_faults(faults, patience).await;
    set.start(&[&[]]).await;
    set.traffic.queue(set.length.pick(64, 200)).await;
    set.ends_with_silent_in_doubt().await
}

/// Every connection is closed after its mail, when the service has parked it for the next.
async fn closes(stage: Stage) -> Ending {
    let smtp = SmtpOptions {
        after_mail: AfterMail::Close,
        ..SmtpOptions::default()
    };
    let mut set = stage.with_world(World::with_smtp(smtp).await);
    set.start(&[&[]]).await;
    set.traffic.queue(set.length.pick(64, 200)).await;
    set.ends_with_silent_in_doubt().await
}
