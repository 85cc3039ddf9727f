//! SIGTERM under load: nothing is in doubt, since what is under way is finished.

use crate::quiet::Ending;
use crate::stage::Stage;
use std::time::Duration;

/// As the service promises.
const PROMISE: Duration = Duration::from_secs(10);

pub(crate) async fn play(stage: Stage) -> Ending {
    let mut set = stage.with_delay(Duration::from_millis(50)).await;
    set.start(&[&[], &[]]).await;
    let (mails, stops) = set.length.pick((150, 2), (1000, 6));
    let load = set.traffic.start(mails);
    let part = u64::try_from(mails / stops).unwrap();
    for nth in 0..u64::try_from(stops).unwrap() {
        let moment = nth * part + set.choices.between(1, part * 3 / 4);
        set.mails(moment).await;
        let chosen = usize::try_from(set.choices.between(0, 1)).unwrap();
        let (status, took) = set.take(chosen).stop().await;
        assert!(status.unwrap().success() && took < PROMISE, "{took:?}");
        set.replace(chosen).await;
    }
    load.await.unwrap();
    set.ends_with_doubts(0).await
}
