//! Reads, on connections of their own: they see the last commit and never wait for the next.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::StoreError;
use crate::place::Place;

/// How many reads go on at the same time.
const READERS: usize = 4;

pub(crate) struct Readers {
    free: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn open(place: &Place) -> Result<Self, StoreError> {
        let connections = (0..READERS).map(|_| place.connect_reader()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { free: Arc::new(Mutex::new(connections)), permits: Arc::new(Semaphore::new(READERS)) })
    }

    /// Closes the connections that nobody reads from: the last connection of all moves the log into the file, which
    /// one that only reads cannot.
    pub(crate) fn close(&self) {
        lock(&self.free).clear();
    }

    /// Runs a read on a free connection, off the threads that serve requests.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let free = Arc::clone(&self.free);
        let task = tokio::task::spawn_blocking(move || {
            let connection = lock(&free).pop().ok_or(StoreError::Closed)?;
            let outcome = read(&connection);
            lock(&free).push(connection);
            drop(permit);
            outcome
        });
        task.await.map_err(|_| StoreError::Closed)?
    }
}

fn lock(free: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    free.lock().unwrap_or_else(PoisonError::into_inner)
}
