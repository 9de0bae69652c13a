//! Pages: a marker names the last key that was answered, so that a page costs the same wherever it is and stays
//! where it was while entries come and go.

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Account, Entity, Table};

use super::error::IamError;

/// AWS: 100 unless the caller says otherwise.
const ITEMS_DEFAULT: usize = 100;

/// Between the parts of a marker: no name or path has it.
const SEPARATOR: char = '\n';

/// Which page is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Paging {
    pub(crate) marker: Option<String>,
    pub(crate) max_items: Option<usize>,
}

/// The key that tells an item's place, and what is shown of it.
pub(crate) type Item = (String, Value);

/// One of several lists that are answered one behind the other: what is left of it behind a key.
pub(crate) type Section<'a> = Box<dyn FnOnce(Option<&str>) -> Box<dyn Iterator<Item = Item> + 'a> + 'a>;

impl Paging {
    /// A page of a table: what `show` gives nothing for is left out.
    pub(crate) fn table<T>(
        &self,
        member: &str,
        table: &Table<T>,
        show: impl FnMut(&T) -> Option<Value>,
    ) -> Result<Value, IamError> {
        self.walk(member, |after| rest(table, after, show))
    }

    /// A page of what lies below a path; of everything without one.
    pub(crate) fn below<T: Entity>(
        &self,
        member: &str,
        (account, prefix): (&Account, Option<&str>),
        show: impl FnMut(&T) -> Option<Value>,
    ) -> Result<Value, IamError> {
        match prefix.filter(|prefix| *prefix != "/") {
            Some(prefix) => {
                let list = format!("{member}{prefix}");
                let after = self.after(&list)?;
                Ok(self.take(member, &list, below(account, prefix, after.as_deref(), show)))
            }
            None => self.table(member, T::table(account), show),
        }
    }

    /// A page of what is left behind a key.
    pub(crate) fn walk<I: Iterator<Item = Item>>(
        &self,
        member: &str,
        rest: impl FnOnce(Option<&str>) -> I,
    ) -> Result<Value, IamError> {
        let after = self.after(member)?;
        Ok(self.take(member, member, rest(after.as_deref())))
    }

    /// A page of a short list, in the order of the keys of its items.
    pub(crate) fn list(&self, member: &str, mut items: Vec<Item>) -> Result<Value, IamError> {
        items.sort_by(|(left, _), (right, _)| left.cmp(right));
        let after = self.after(member)?;
        let rest = items.into_iter().skip_while(|(key, _)| after.as_ref().is_some_and(|after| key <= after));
        Ok(self.take(member, member, rest))
    }

    /// A page of lists that follow each other.
    pub(crate) fn sections(&self, member: &str, sections: Vec<Section<'_>>) -> Result<Value, IamError> {
        let marker = self.after(member)?;
        let after = match &marker {
            Some(marker) => marker.split_once(SEPARATOR).and_then(|(at, key)| Some((at.parse().ok()?, key))),
            None => Some((0, "")),
        };
        let (first, key): (usize, &str) = after.ok_or_else(invalid_marker)?;
        let items = sections.into_iter().enumerate().skip(first).flat_map(|(at, section)| {
            let after = (at == first && marker.is_some()).then_some(key);
            section(after).map(move |(key, value)| (format!("{at}{SEPARATOR}{key}"), value))
        });
        Ok(self.take(member, member, items))
    }

    /// The key behind which a page of a list begins. A marker of another list is none of this one.
    fn after(&self, list: &str) -> Result<Option<String>, IamError> {
        let Some(marker) = &self.marker else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let key = text.strip_prefix(list).and_then(|rest| rest.strip_prefix(SEPARATOR));
        key.map(|key| Some(key.to_owned())).ok_or_else(invalid_marker)
    }

    fn take(&self, member: &str, list: &str, items: impl Iterator<Item = Item>) -> Value {
        let max = self.max_items.unwrap_or(ITEMS_DEFAULT).max(1);
        let mut page = Vec::new();
        let mut last = String::new();
        for (key, value) in items {
            if page.len() == max {
                let marker = URL_SAFE_NO_PAD.encode(format!("{list}{SEPARATOR}{last}"));
                return json!({member: page, "IsTruncated": true, "Marker": marker});
            }
            page.push(value);
            last = key;
        }
        json!({member: page, "IsTruncated": false})
    }
}

fn invalid_marker() -> IamError {
    IamError::Validation("Invalid Marker.".to_owned())
}

/// What is left of a table behind a key.
pub(crate) fn rest<'a, T, S: FnMut(&T) -> Option<Value>>(
    table: &'a Table<T>,
    after: Option<&str>,
    mut show: S,
) -> impl Iterator<Item = Item> + use<'a, T, S> {
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    let rest = table.range::<str, _>((start, Bound::Unbounded));
    rest.filter_map(move |(key, entity)| Some((key.clone(), show(entity)?)))
}

/// What lies below a path, behind the path and key of the last one.
pub(crate) fn below<'a, T: Entity, S: FnMut(&T) -> Option<Value>>(
    account: &'a Account,
    prefix: &str,
    after: Option<&str>,
    mut show: S,
) -> impl Iterator<Item = Item> + use<'a, T, S> {
    let after = after.and_then(|after| after.split_once(SEPARATOR));
    account.below::<T>(prefix, after).filter_map(move |entity| {
        let (path, key) = (entity.path(), entity.key());
        Some((format!("{path}{SEPARATOR}{key}"), show(entity)?))
    })
}

/// Puts the items of a page into the lists that they name: `[list, value]`.
pub(crate) fn sorted_out(mut page: Value, member: &str, lists: &[&str]) -> Value {
    let Some(fields) = page.as_object_mut() else { return page };
    let items = fields.remove(member);
    for list in lists {
        fields.insert((*list).to_owned(), json!([]));
    }
    let items = items.and_then(|items| serde_json::from_value::<Vec<(String, Value)>>(items).ok());
    for (list, value) in items.unwrap_or_default() {
        if let Some(list) = fields.get_mut(&list).and_then(Value::as_array_mut) {
            list.push(value);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::*;

    fn numbers(count: usize) -> Table<usize> {
        (0..count).map(|number| (format!("{number:05}"), Arc::new(number))).collect()
    }

    #[test]
    fn a_page_costs_the_same_wherever_it_is_and_however_much_there_is() {
        let table = numbers(10_000);
        let looked_at = Cell::new(0);
        let show = |number: &usize| {
            looked_at.set(looked_at.get() + 1);
            Some(json!(number))
        };
        for (after, first) in [(None, 0), (Some("04999"), 5_000), (Some("09799"), 9_800)] {
            let marker = after.map(|key| URL_SAFE_NO_PAD.encode(format!("Items\n{key}")));
            let page = Paging { marker, max_items: Some(100) }.table("Items", &table, show).unwrap();
            assert_eq!(
                (page["Items"][0].as_u64(), page["Items"][99].as_u64()),
                (Some(first), Some(first + 99))
            );
            // One more tells that there is more.
            assert_eq!(looked_at.replace(0), 101);
        }
    }

    #[test]
    fn lists_that_follow_each_other_are_one_list_to_who_pages() {
        let table = numbers(3);
        let sections = || -> Vec<Section<'_>> {
            let section = |after: Option<&str>| -> Box<dyn Iterator<Item = Item> + '_> {
                Box::new(rest(&table, after, |number| Some(json!(number))))
            };
            vec![Box::new(section), Box::new(section)]
        };
        let mut seen = Vec::new();
        let mut paging = Paging { marker: None, max_items: Some(1) };
        loop {
            let page = paging.sections("Items", sections()).unwrap();
            seen.push(page["Items"][0].as_u64().unwrap());
            let Some(marker) = page["Marker"].as_str() else { break };
            paging.marker = Some(marker.to_owned());
        }
        assert_eq!(seen, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn a_marker_is_refused_by_every_list_but_its_own() {
        let first = Paging { marker: None, max_items: Some(1) };
        let page = first.table("Users", &numbers(2), |number| Some(json!(number))).unwrap();
        let second = Paging { marker: page["Marker"].as_str().map(str::to_owned), max_items: None };
        assert!(second.list("Users", Vec::new()).is_ok());
        for wrong in [second, Paging { marker: Some("???".to_owned()), max_items: None }] {
            let refused = wrong.list("Roles", Vec::new()).unwrap_err();
            assert_eq!(refused, IamError::Validation("Invalid Marker.".to_owned()));
        }
    }
}
