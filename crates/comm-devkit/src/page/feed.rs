//! The latest events of a topic, read in the background.

use crate::kafka::{Message, Reader};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

const REMEMBERED: usize = 500;
const WAIT: Duration = Duration::from_millis(250);

type Events = Mutex<VecDeque<Message>>;

/// What was read so far; reading ends with the last clone of it.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    events: Arc<Events>,
}

impl Feed {
    /// Reads on and on.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn follow(mut reader: Reader) -> io::Result<Self> {
        let feed = Self::default();
        let events = Arc::downgrade(&feed.events);
        thread::Builder::new()
            .name("events".to_owned())
            .spawn(move || while remember(&mut reader, &events) {})?;
        Ok(feed)
    }

    pub(super) fn newest_first(&self) -> Vec<Message> {
        lock(&self.events).iter().rev().cloned().collect()
    }
}

fn remember(reader: &mut Reader, events: &Weak<Events>) -> bool {
    // A broker that is away comes back, and the client library finds it again by itself.
    let message = reader.next(WAIT).ok().flatten();
    let Some(events) = events.upgrade() else {
        return false;
    };
    let mut events = lock(&events);
    events.extend(message);
    let surplus = events.len().saturating_sub(REMEMBERED);
    events.drain(..surplus);
    true
}

fn lock(events: &Events) -> MutexGuard<'_, VecDeque<Message>> {
    events.lock().unwrap_or_else(PoisonError::into_inner)
}
