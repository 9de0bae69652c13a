//! Sorting with comparisons that may fail.

use crate::error::Error;

/// How many turns the reference waits for its sorting, besides the comparisons.
pub(crate) type Turns = u64;

/// Merge sort: stable; `comes_after` need not be consistent, and is asked as often and in the order that the reference
/// asks.
pub(crate) fn merge_sort<T>(
    items: Vec<T>,
    comes_after: &mut dyn FnMut(&T, &T) -> Result<bool, Error>,
    turns: &mut Turns,
) -> Result<Vec<T>, Error> {
    if items.len() <= 1 {
        return Ok(items);
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let left = merge_sort(left, comes_after, turns);
    *turns += 1;
    let left = left?;
    let right = merge_sort(right, comes_after, turns);
    *turns += 1;
    let right = right?;
    // One for the merge, one for its result, and one for each item that is put in its place.
    *turns += 2;
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        *turns += 1;
        let next = if comes_after(first, second)? { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
