//! Where a scene is played: its world, its instances of the service and its clients.

use crate::journal::Journal;
use crate::mailserver::{Fault, script};
use crate::plan::Length;
use crate::quiet::{self, Ending};
use crate::traffic::Traffic;
use comm_devkit::smtp::SmtpOptions;
use comm_tests::{Client, Seeded, Service, World, eventually};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Connections to the mail server that one instance has.
pub(crate) const CONNECTIONS: usize = 8;

/// What every service of the suite is started with.
const SETTINGS: [(&str, &str); 4] = [
    ("COMM__EMAIL_QUEUE__LEASE_SECONDS", "3"),
    // 0.6 seconds to 6.
    (
        "COMM__EMAIL_QUEUE__BACKOFF_MINUTES",
        "0.01,0.01,0.02,0.05,0.1",
    ),
    ("COMM__KAFKA__MESSAGE_TIMEOUT_MS", "2000"),
    // So that PostgreSQL does not tidy up what the service leaves open.
    ("COMM__DATABASE__IDLE_IN_TRANSACTION_TIMEOUT_MS", "3600000"),
];

/// An empty stage: how much is made of the scene, and its random choices.
pub(crate) struct Stage {
    pub(crate) length: Length,
    pub(crate) choices: Seeded,
}

/// A stage with a world on it.
pub(crate) struct Set {
    pub(crate) length: Length,
    pub(crate) choices: Seeded,
    pub(crate) world: World,
    pub(crate) journal: Arc<Journal>,
    pub(crate) traffic: Traffic,
    pub(crate) services: Vec<Service>,
    /// The flags of each instance.
    flags: Vec<Vec<String>>,
}

impl Stage {
    pub(crate) fn new(length: Length, choices: Seeded) -> Self {
        Self { length, choices }
    }

    /// With a mail server that takes this long for a mail.
    pub(crate) async fn with_delay(self, delay_per_mail: Duration) -> Set {
        let smtp = SmtpOptions {
            delay_per_mail,
            ..SmtpOptions::default()
        };
        self.with_world(World::with_smtp(smtp).await)
    }

    /// With a mail server that has these faults, and patience of this many seconds for each of its replies.
    pub(crate) async fn with_faults(self, faults: &[Fault], patience: u32) -> Set {
        let journal = Arc::new(Journal::default());
        let mut world = World::with_smtp(script(faults, &journal)).await;
        for stage in ["COMMAND", "DATA", "MESSAGE", "REPLY_AFTER_DOT"] {
            let name = format!("COMM__SMTP__TIMEOUTS__{stage}_SECONDS");
            world = world.set(&name, &patience.to_string());
        }
        self.with(world, journal)
    }

    /// In this world.
    pub(crate) fn with_world(self, world: World) -> Set {
        self.with(world, Arc::new(Journal::default()))
    }

    fn with(self, mut world: World, journal: Arc<Journal>) -> Set {
        for (name, value) in SETTINGS {
            world = world.set(name, value);
        }
        Set {
            length: self.length,
            choices: self.choices,
            world,
            traffic: Traffic::new(&journal),
            journal,
            services: Vec::new(),
            flags: Vec::new(),
        }
    }
}

impl Set {
    /// Starts an instance for each of these lists of flags.
    pub(crate) async fn start(&mut self, instances: &[&[&str]]) {
        for flags in instances {
            let service = self.world.start_with(flags).await;
            self.services.push(service);
            let flags = flags.iter().map(|flag| (*flag).to_owned());
            self.flags.push(flags.collect());
        }
        self.open_doors();
    }

    /// Takes an instance away; a new one follows with [`Set::replace`].
    pub(crate) fn take(&mut self, nth: usize) -> Service {
        self.services.remove(nth)
    }

    /// Starts an instance in the place of one that was taken away.
    pub(crate) async fn replace(&mut self, nth: usize) {
        let flags: Vec<&str> = self.flags[nth].iter().map(String::as_str).collect();
        let service = self.world.start_with(&flags).await;
        self.services.insert(nth, service);
        self.open_doors();
    }

    /// The door of an instance that is there.
    pub(crate) fn door(&self) -> &Client {
        &self.services[0].client
    }

    /// Waits until the mail server has taken this many mails, or will not, since too many are in doubt.
    pub(crate) async fn mails(&self, count: u64) {
        eventually("that many mails", || async {
            let idle = self.traffic.is_done() && self.door().is_busy().await == Some(false);
            (self.world.smtp.count() >= count || idle).then_some(())
        })
        .await;
    }

    /// Waits until the service knows that it has no database.
    pub(crate) async fn database_is_away(&self) {
        eventually("the service is not ready", || async {
            (self.door().get("/ready").await.status == 503).then_some(())
        })
        .await;
    }

    /// Up to this many mails may be in doubt, whichever.
    pub(crate) async fn ends_with_doubts(self, at_most: usize) -> Ending {
        self.journal
            .write(json!({"is": "doubts_at_most", "count": at_most}));
        quiet::end(self).await
    }

    /// Leases of the instances that are started from now on.
    pub(crate) fn with_lease(mut self, lease: Duration) -> Self {
        let seconds = lease.as_secs().to_string();
        let name = "COMM__EMAIL_QUEUE__LEASE_SECONDS";
        self.world = self.world.set(name, &seconds);
        self
    }

    /// Exactly the mails are in doubt whose server left the reply after 354 out.
    pub(crate) async fn ends_with_silent_in_doubt(self) -> Ending {
        self.journal.write(json!({"is": "doubts_exactly_silent"}));
        quiet::end(self).await
    }

    fn open_doors(&self) {
        let doors = self.services.iter().map(|service| service.client.clone());
        self.traffic.lead_to(doors.collect());
    }
}
