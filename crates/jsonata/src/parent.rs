//! The `%` operator: which step's input each one means.

use crate::ast::{Kind, NodeId, Slot, Tree};
use crate::error::Error;

/// The slots that a node looks for outside of itself.
pub(crate) fn slots(tree: &Tree, id: NodeId) -> Vec<Slot> {
    let node = tree.node(id);
    let mut slots = node.seeking.clone();
    if let Kind::Parent(slot) = node.kind {
        slots.push(slot);
    }
    slots
}

/// Hands the slots of a part on to the whole.
pub(crate) fn push(tree: &mut Tree, whole: NodeId, part: NodeId) {
    let slots = slots(tree, part);
    slots.into_iter().for_each(|slot| add(tree, whole, slot));
}

pub(crate) fn add(tree: &mut Tree, id: NodeId, slot: Slot) {
    if let Some(node) = tree.node_mut(id) {
        node.seeking.push(slot);
    }
}

/// Finds the step that a slot means, beginning with this one; gives the slot with what is left of its level.
pub(crate) fn seek(tree: &mut Tree, id: NodeId, slot: Slot) -> Result<Slot, Error> {
    let node = tree.node(id);
    let refused = || Error::new("S0217").at(node.position).token_is(node.kind_name());
    match node.kind.clone() {
        Kind::Name(_) | Kind::Wildcard => {
            let level = slot.level.saturating_sub(1);
            if level == 0
                && let Some(node) = tree.node_mut(id)
            {
                // Two of them may mean the same step: the second takes the first one's label.
                let label = *node.ancestor.get_or_insert(slot.label);
                node.is_tuple = true;
                if label != slot.label {
                    relabel(tree, slot.label, label);
                }
            }
            Ok(Slot { level, ..slot })
        }
        Kind::Parent(_) => Ok(Slot { level: slot.level + 1, ..slot }),
        Kind::Block(expressions) => match expressions.last() {
            Some(last) => {
                if let Some(node) = tree.node_mut(id) {
                    node.is_tuple = true;
                }
                seek(tree, *last, slot)
            }
            None => Ok(slot),
        },
        Kind::Path { steps, .. } => {
            if let Some(node) = tree.node_mut(id) {
                node.is_tuple = true;
                if let Kind::Path { is_tuple, .. } = &mut node.kind {
                    *is_tuple = true;
                }
            }
            let mut slot = slot;
            for step in steps.iter().rev() {
                slot = seek(tree, *step, slot)?;
                if slot.level == 0 {
                    break;
                }
            }
            Ok(slot)
        }
        _ => Err(refused()),
    }
}

fn relabel(tree: &mut Tree, from: u32, to: u32) {
    for at in 0..tree.len() {
        let id = NodeId(u32::try_from(at).unwrap_or(u32::MAX));
        if let Some(node) = tree.node_mut(id)
            && let Kind::Parent(slot) = &mut node.kind
            && slot.label == from
        {
            slot.label = to;
        }
    }
}

/// Looks for the parents of the step that was added to a path last.
pub(crate) fn resolve(tree: &mut Tree, path: NodeId, last: NodeId) -> Result<(), Error> {
    let slots = slots(tree, last);
    let Kind::Path { steps, .. } = tree.node(path).kind.clone() else { return Ok(()) };
    for mut slot in slots {
        let mut index = steps.len().saturating_sub(2);
        let mut remaining = steps.len().saturating_sub(1);
        while slot.level > 0 {
            if remaining == 0 {
                add(tree, path, slot);
                break;
            }
            let step = steps.get(index).copied();
            remaining = index;
            index = index.saturating_sub(1);
            let Some(mut step) = step else { break };
            // A step with a focus does not change the context: the one before it is meant.
            while remaining > 0
                && tree.node(step).focus.is_some()
                && steps.get(index).is_some_and(|before| tree.node(*before).focus.is_some())
            {
                if let Some(before) = steps.get(index) {
                    step = *before;
                }
                remaining = index;
                index = index.saturating_sub(1);
            }
            slot = seek(tree, step, slot)?;
            if slot.level == 0
                && let Some(node) = tree.node_mut(path)
                && let Kind::Path { is_tuple, .. } = &mut node.kind
            {
                *is_tuple = true;
            }
        }
    }
    Ok(())
}
