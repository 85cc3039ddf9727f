//! `kill -9` of one of two instances at random moments while mails go out.

use crate::quiet::Ending;
use crate::stage::{CONNECTIONS, Stage};
use std::time::Duration;

pub(crate) async fn play(stage: Stage) -> Ending {
    let mut set = stage.with_delay(Duration::from_millis(50)).await;
    set.start(&[&[], &[]]).await;
    let (mails, kills) = set.length.pick((150, 2), (1000, 6));
    let load = set.traffic.start(mails);
    // Each kill has its own part of the run, and a random moment in it.
    let part = u64::try_from(mails / kills).unwrap();
    for nth in 0..u64::try_from(kills).unwrap() {
        let moment = nth * part + set.choices.between(1, part * 3 / 4);
        set.mails(moment).await;
        let victim = usize::try_from(set.choices.between(0, 1)).unwrap();
        set.take(victim).kill().await;
        set.replace(victim).await;
    }
    load.await.unwrap();
    set.ends_with_doubts(kills * CONNECTIONS).await
}
