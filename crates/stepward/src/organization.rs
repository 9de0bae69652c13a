//! `[organization]` of the configuration: whether it is one.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use stepward_access::Organization;
use stepward_types::AccountId;

use crate::config;

/// The root of an organization that does not name one.
const ROOT: &str = "r-root";

/// The organization of the file, whose accounts must be accounts.
pub(crate) fn organization(given: config::Organization) -> Result<Organization> {
    id("organization.id", &given.id, "o-", 10)?;
    let root = given.root.unwrap_or_else(|| ROOT.to_owned());
    id("organization.root", &root, "r-", 4)?;
    let members = accounts("organization.members", &given.members)?;
    let delegated_administrators =
        accounts("organization.delegated_administrators", &given.delegated_administrators)?;
    if let Some(stranger) = delegated_administrators.iter().find(|account| !members.contains(account)) {
        bail!("organization.delegated_administrators has {stranger}, which is not in organization.members");
    }
    let management = account("organization.management", &given.management)?;
    ensure!(!members.contains(&management), "organization.members has the management account, {management}");
    let units = given.units.into_iter().map(|(known, units)| {
        let known = account("organization.units", &known)?;
        ensure!(
            members.contains(&known) || known == management,
            "organization.units has {known}, which is no account of the organization"
        );
        units.split('/').try_for_each(|unit| id("organization.units", unit, "ou-", 4))?;
        Ok((known, units))
    });
    let units = units.collect::<Result<BTreeMap<_, _>>>()?;
    Ok(Organization { id: given.id, root, management, members, delegated_administrators, units })
}

fn account(key: &str, id: &str) -> Result<String> {
    AccountId::parse(id).map(|id| id.to_string()).with_context(|| key.to_owned())
}

fn accounts(key: &str, ids: &[String]) -> Result<Vec<String>> {
    ids.iter().map(|id| account(key, id)).collect()
}

fn id(key: &str, value: &str, prefix: &str, least: usize) -> Result<()> {
    let is_id = value.strip_prefix(prefix).is_some_and(|rest| {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (least..=64).contains(&rest.len()) && rest.bytes().all(is_part)
    });
    ensure!(
        is_id,
        "{key} is '{value}'; it must be '{prefix}' and at least {least} lower case letters and digits"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Organization> {
        organization(toml::from_str(text)?)
    }

    #[test]
    fn an_organization_has_a_root_and_units() {
        let text = "id = 'o-exampleorg1'\nmanagement = '111122223333'\nmembers = ['444455556666']\n\
                    delegated_administrators = ['444455556666']\n[units]\n444455556666 = 'ou-ab12-1/ou-ab12-2'\n";
        let read = read(text).unwrap();
        assert_eq!(read.path_of("444455556666"), "o-exampleorg1/r-root/ou-ab12-1/ou-ab12-2/");
        assert!(read.is_managed_by("444455556666"));
    }

    #[test]
    fn what_does_not_fit_together_is_refused_with_its_name() {
        let base = "id = 'o-exampleorg1'\nmanagement = '111122223333'\nmembers = ['444455556666']\n";
        let refused = |more: &str| format!("{:#}", read(&format!("{base}{more}")).unwrap_err());
        assert!(refused("root = 'top'").starts_with("organization.root is 'top'"));
        let stranger = refused("delegated_administrators = ['777788889999']");
        assert!(stranger.contains("777788889999, which is not in organization.members"), "{stranger}");
        assert!(refused("[units]\n444455556666 = 'sales'").starts_with("organization.units is 'sales'"));
        assert!(refused("[units]\n777788889999 = 'ou-ab12-1'").contains("no account of the organization"));
    }
}
