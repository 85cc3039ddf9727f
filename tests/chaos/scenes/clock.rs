//! One of two instances has a clock that is an hour fast: leases and due times are the database's, so no
//! mail waits for an hour, and none is taken away from the other instance.

use crate::quiet::Ending;
use crate::stage::Stage;
use comm_devkit::smtp::SmtpOptions;
use comm_tests::World;
use std::time::Duration;

pub(crate) async fn an_hour_off(stage: Stage) -> Ending {
    let smtp = SmtpOptions {
        // Longer than a lease that is not renewed.
        delay_per_mail: Duration::from_secs(4),
        ..SmtpOptions::default()
    };
    let world = World::with_smtp(smtp).await;
    let world = world.set("COMM__EMAIL_QUEUE__UNDO_SECONDS", "1");
    let mut set = stage.with_world(world);
    let off = set.length.pick("1h", "-1h");
    set.start(&[&["--clock-offset", off], &[]]).await;
    set.traffic.queue(set.length.pick(48, 400)).await;
    set.ends_with_doubts(0).await
}
