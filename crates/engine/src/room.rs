//! How much may wait: so many, of so many bytes together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const KIB: usize = 1024;

/// Room for what waits. Who finds none is refused, or waits for some in the order of asking.
pub(crate) struct Room {
    count: Arc<Semaphore>,
    count_max: usize,
    kib: Arc<Semaphore>,
    kib_max: u32,
}

/// A place in a room, until it is dropped.
pub(crate) struct Place {
    _count: OwnedSemaphorePermit,
    _kib: OwnedSemaphorePermit,
}

impl Room {
    pub(crate) fn new(count_max: usize, bytes_max: usize) -> Self {
        let count_max = count_max.clamp(1, Semaphore::MAX_PERMITS);
        let kib_max = u32::try_from(bytes_max / KIB).unwrap_or(u32::MAX).max(1);
        let kib_permits = usize::try_from(kib_max).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            count: Arc::new(Semaphore::new(count_max)),
            count_max,
            kib: Arc::new(Semaphore::new(kib_permits.min(Semaphore::MAX_PERMITS))),
            kib_max,
        }
    }

    /// A place for so many bytes, if there is one now.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Place> {
        let count = Arc::clone(&self.count).try_acquire_owned().ok()?;
        let kib = Arc::clone(&self.kib).try_acquire_many_owned(self.kib(bytes)).ok()?;
        Some(Place { _count: count, _kib: kib })
    }

    /// A place for so many bytes, as soon as there is one. `None` never comes as long as the room is there.
    pub(crate) async fn take(&self, bytes: usize) -> Option<Place> {
        let count = Arc::clone(&self.count).acquire_owned().await.ok()?;
        let kib = Arc::clone(&self.kib).acquire_many_owned(self.kib(bytes)).await.ok()?;
        Some(Place { _count: count, _kib: kib })
    }

    /// How many places are taken.
    pub(crate) fn taken(&self) -> usize {
        self.count_max.saturating_sub(self.count.available_permits())
    }

    /// What is larger than the room takes all of it: it has its turn, alone.
    fn kib(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(KIB)).unwrap_or(u32::MAX).clamp(1, self.kib_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_full_by_number_or_by_bytes_and_what_is_too_large_has_it_alone() {
        let room = Room::new(3, 8 * KIB);
        let small: Vec<_> = (0..3).filter_map(|_| room.try_take(10)).collect();
        assert_eq!((small.len(), room.taken(), room.try_take(0).is_some()), (3, 3, false));
        drop(small);
        let half = room.try_take(4 * KIB + 1);
        assert!(half.is_some() && room.try_take(4 * KIB).is_none() && room.try_take(3 * KIB).is_some());
        assert!(room.try_take(usize::MAX).is_none());
        drop(half);
        let all = room.try_take(usize::MAX);
        assert!(all.is_some() && room.try_take(0).is_none());
        drop(all);
        assert_eq!(room.taken(), 0);
    }
}
