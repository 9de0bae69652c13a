//! Pages: a marker names the last key that was answered, so that a page costs the same wherever it is.

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::Table;

use super::error::IamError;

/// AWS: 100 unless the caller says otherwise.
const ITEMS_DEFAULT: usize = 100;

/// Which page is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Paging {
    pub(crate) marker: Option<String>,
    pub(crate) max_items: Option<usize>,
}

impl Paging {
    fn after(&self) -> Result<Option<String>, IamError> {
        let Some(marker) = &self.marker else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        text.map(Some).ok_or_else(|| IamError::Validation(format!("Invalid Marker: {marker}")))
    }

    /// A page of a table: what `show` gives nothing for is left out.
    pub(crate) fn table<T>(
        &self,
        member: &str,
        table: &Table<T>,
        show: impl FnMut(&T) -> Option<Value>,
    ) -> Result<Value, IamError> {
        let mut show = show;
        let after = self.after()?;
        let start = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let rest = table.range::<str, _>((start, Bound::Unbounded));
        Ok(self
            .take(member, rest.filter_map(|(key, entity)| show(entity).map(|value| (key.as_str(), value)))))
    }

    /// A page of a list whose items have keys, in the order of keys.
    pub(crate) fn list(&self, member: &str, items: Vec<(String, Value)>) -> Result<Value, IamError> {
        self.lazily(member, items, |value| Some(value.clone()))
    }

    /// The same of items that are looked at only when they are on the page: what `show` gives nothing for is left
    /// out.
    pub(crate) fn lazily<T>(
        &self,
        member: &str,
        mut items: Vec<(String, T)>,
        show: impl FnMut(&T) -> Option<Value>,
    ) -> Result<Value, IamError> {
        let mut show = show;
        items.sort_by(|(left, _), (right, _)| left.cmp(right));
        let after = self.after()?;
        let rest = items.iter().skip_while(|(key, _)| after.as_ref().is_some_and(|after| key <= after));
        Ok(self.take(member, rest.filter_map(|(key, item)| Some((key.as_str(), show(item)?)))))
    }

    fn take<'k>(&self, member: &str, items: impl Iterator<Item = (&'k str, Value)>) -> Value {
        let max = self.max_items.unwrap_or(ITEMS_DEFAULT).max(1);
        let mut page = Vec::new();
        let mut last = None;
        for (key, value) in items {
            if page.len() == max {
                let marker = URL_SAFE_NO_PAD.encode(last.unwrap_or_default());
                return json!({member: page, "IsTruncated": true, "Marker": marker});
            }
            page.push(value);
            last = Some(key);
        }
        json!({member: page, "IsTruncated": false})
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_page_costs_the_same_wherever_it_is_and_however_much_there_is() {
        let table: Table<usize> =
            (0..10_000).map(|number| (format!("{number:05}"), Arc::new(number))).collect();
        let looked_at = Cell::new(0);
        let show = |number: &usize| {
            looked_at.set(looked_at.get() + 1);
            Some(json!(number))
        };
        for (after, first) in [(None, 0), (Some("04999"), 5_000), (Some("09799"), 9_800)] {
            let marker = after.map(|key| URL_SAFE_NO_PAD.encode(key));
            let page = Paging { marker, max_items: Some(100) }.table("Items", &table, show).unwrap();
            assert_eq!(
                (page["Items"][0].as_u64(), page["Items"][99].as_u64()),
                (Some(first), Some(first + 99))
            );
            // One more tells that there is more.
            assert_eq!(looked_at.replace(0), 101);
        }
    }
}
