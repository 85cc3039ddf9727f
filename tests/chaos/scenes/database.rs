//! PostgreSQL stopped, crashed and started again, and its connections cut. Where the reply to a commit
//! is lost, a claim is lost with it; nothing of it was begun, so that no mail stays in doubt.

use crate::quiet::Ending;
use crate::stage::Stage;
use comm_devkit::postgres::{Cluster, ClusterOptions};
use comm_devkit::smtp::SmtpOptions;
use comm_tests::{World, eventually, run_to_end};
use std::time::Duration;

const SLOW: Duration = Duration::from_millis(30);
/// Longer than an outage, so that each instance is back before the other one doubts what it holds.
const LEASE: Duration = Duration::from_secs(30);

pub(crate) async fn stopped(stage: Stage) -> Ending {
    let cluster = Cluster::start(ClusterOptions::temporary()).await.unwrap();
    cluster.ensure_database("communication").await.unwrap();
    let smtp = SmtpOptions {
        delay_per_mail: SLOW,
        ..SmtpOptions::default()
    };
    let world = World::with_smtp(smtp)
        .await
        .set("DATABASE_URL", &cluster.url("communication"));
    let migrated = run_to_end(world.environment(), &["migrate"]).await.unwrap();
    assert!(migrated.status.success());
    let mut set = stage.with_world(world).with_lease(LEASE);
    set.start(&[&[], &[]]).await;
    let (mails, outages) = set.length.pick((120, 2), (600, 6));
    let load = set.traffic.start(mails);
    let part = u64::try_from(mails / outages).unwrap();
    for nth in 0..outages {
        let begun = u64::try_from(nth).unwrap() * part;
        let moment = begun + set.choices.between(1, part * 3 / 4);
        set.mails(moment).await;
        match nth % 2 {
            0 => cluster.stop().await,
            _ => cluster.crash().await,
        }
        set.database_is_away().await;
        cluster.start_again().await.unwrap();
    }
    load.await.unwrap();
    set.ends_with_doubts(0).await
}

pub(crate) async fn cut(stage: Stage) -> Ending {
    let mut set = stage.with_delay(SLOW).await.with_lease(LEASE);
    set.start(&[&[], &[]]).await;
    let (mails, cuts) = set.length.pick((120, 3), (600, 10));
    let load = set.traffic.start(mails);
    let part = u64::try_from(mails / cuts).unwrap();
    for nth in 0..u64::try_from(cuts).unwrap() {
        let moment = nth * part + set.choices.between(1, part * 3 / 4);
        set.mails(moment).await;
        // Those of the last cut may not be back yet.
        let cut = async || {
            let cut = set.world.database.kill_connections().await;
            (cut.unwrap() > 0).then_some(())
        };
        eventually("connections are cut", cut).await;
    }
    load.await.unwrap();
    set.ends_with_doubts(0).await
}
