//! The scenes, in the order of the table.

mod broker;
mod clients;
mod clock;
mod database;
mod kills;
mod smtp;
mod stopping;

use crate::doctored;
use crate::plan::Length;
use crate::quiet::Ending;
use crate::stage::Stage;
use std::pin::Pin;

type Playing = Pin<Box<dyn Future<Output = Ending> + Send>>;

/// One bad day, and its name in the table.
pub(crate) struct Scene {
    pub(crate) place: usize,
    pub(crate) name: String,
    pub(crate) play: Box<dyn FnOnce(Stage) -> Playing + Send>,
}

impl Scene {
    fn new<F>(name: impl Into<String>, play: impl FnOnce(Stage) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Ending> + Send + 'static,
    {
        Self {
            place: 0,
            name: name.into(),
            play: Box::new(|stage| Box::pin(play(stage))),
        }
    }
}

/// All scenes of a run of this length.
pub(crate) fn all(length: Length) -> Vec<Scene> {
    let mut scenes = vec![
        Scene::new("calm, and the ledger's own trial", doctored::play),
        Scene::new("kill -9 of one of two instances", kills::play),
        Scene::new("SIGTERM under load", stopping::play),
        Scene::new("PostgreSQL stopped and crashed", database::stopped),
        Scene::new("PostgreSQL's connections cut", database::cut),
        Scene::new("Kafka away from the start", broker::away_from_the_start),
        Scene::new("Kafka stopped under load", broker::stopped_under_load),
        Scene::new("clients hang up in mid-request", clients::hang_up),
        Scene::new("one instance an hour off", clock::an_hour_off),
    ];
    scenes.extend(smtp::scenes(length));
    for (place, scene) in scenes.iter_mut().enumerate() {
        scene.place = place;
    }
    scenes
}
