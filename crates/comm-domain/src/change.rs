//! A state and the events that led to it, inseparable.

/// Something whose changes are reported by events.
pub trait Aggregate {
    /// What is reported.
    type Event: std::fmt::Debug;
}

/// The new state of an aggregate with the events that report the change.
///
/// Only this crate can make one, and a store takes it whole: there is no way to save a state and to
/// forget its events.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a change that is not saved never happened"]
pub struct Change<T: Aggregate> {
    after: T,
    events: Vec<T::Event>,
}

impl<T: Aggregate> Change<T> {
    pub(crate) fn new(after: T, events: Vec<T::Event>) -> Self {
        Self { after, events }
    }

    /// The state after the change.
    pub fn after(&self) -> &T {
        &self.after
    }

    /// What is to be reported, in the order in which it happened; may be empty.
    pub fn events(&self) -> &[T::Event] {
        &self.events
    }

    /// Takes the new state and forgets the events: for a store that has just written both.
    pub fn into_after(self) -> T {
        self.after
    }
}

/// How something is deleted.
#[derive(Debug)]
pub enum Deletion<T: Aggregate> {
    /// Its row is removed; the events are published all the same.
    Remove(Change<T>),
    /// It is hidden and kept, because rules still have to know of it.
    Hide(Change<T>),
}
