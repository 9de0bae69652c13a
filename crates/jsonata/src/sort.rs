//! Sorting with comparisons that may fail.

use crate::error::Error;

/// Merge sort: stable; `comes_after` need not be consistent, and is asked as often and in the order that the reference
/// asks.
pub(crate) fn merge_sort<T>(
    items: Vec<T>,
    comes_after: &mut dyn FnMut(&T, &T) -> Result<bool, Error>,
) -> Result<Vec<T>, Error> {
    if items.len() <= 1 {
        return Ok(items);
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let left = merge_sort(left, comes_after)?;
    let right = merge_sort(right, comes_after)?;
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let next = if comes_after(first, second)? { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
