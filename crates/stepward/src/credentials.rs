//! Credentials of whoever runs the command line, found where the AWS CLI finds them: in the environment, else in a
//! profile of the shared credentials file.
//!
//! Refuses profiles that have to be resolved first (roles, single sign-on, programs): nothing is called for them.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use stepward_sigv4::Credentials;

/// The profile that is meant when none is named.
const DEFAULT_PROFILE: &str = "default";

/// What the environment says; none if it says nothing.
pub(crate) fn credentials() -> Result<Option<Credentials>> {
    find(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// A variable of the environment.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

fn find(variable: Variable<'_>) -> Result<Option<Credentials>> {
    if let Some(access_key_id) = variable("AWS_ACCESS_KEY_ID") {
        let Some(secret_access_key) = variable("AWS_SECRET_ACCESS_KEY") else {
            bail!("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
        };
        let session_token = variable("AWS_SESSION_TOKEN");
        return Ok(Some(Credentials { access_key_id, secret_access_key, session_token }));
    }
    let named = variable("AWS_PROFILE");
    let profile = named.as_deref().unwrap_or(DEFAULT_PROFILE);
    let Some(file) = file(variable) else { return Ok(None) };
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => return Ok(None),
        Err(error) => return Err(error).with_context(|| name),
    };
    match (of_profile(&text, profile).with_context(|| name.clone())?, named) {
        (None, Some(profile)) => bail!("{name}: there is no profile '{profile}'"),
        (found, _) => Ok(found),
    }
}

fn file(variable: Variable<'_>) -> Option<PathBuf> {
    if let Some(file) = variable("AWS_SHARED_CREDENTIALS_FILE") {
        return Some(file.into());
    }
    Some(PathBuf::from(variable("HOME")?).join(".aws").join("credentials"))
}

/// The keys of a profile; none if there is no such profile.
fn of_profile(text: &str, profile: &str) -> Result<Option<Credentials>> {
    let Some(fields) = section(text, profile) else { return Ok(None) };
    let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let (Some(access_key_id), Some(secret_access_key)) =
        (field("aws_access_key_id"), field("aws_secret_access_key"))
    else {
        bail!(
            "the profile '{profile}' needs aws_access_key_id and aws_secret_access_key; no other kind is read"
        );
    };
    Ok(Some(Credentials { access_key_id, secret_access_key, session_token: field("aws_session_token") }))
}

/// The fields of a section; none if there is no such section.
fn section(text: &str, wanted: &str) -> Option<Vec<(String, String)>> {
    let mut fields: Option<Vec<(String, String)>> = None;
    let mut is_wanted = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_wanted = name.trim() == wanted;
            if is_wanted {
                fields.get_or_insert_default();
            }
        } else if is_wanted
            && !line.starts_with(['#', ';'])
            && let (Some((name, value)), Some(fields)) = (line.split_once('='), fields.as_mut())
        {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[default]\naws_access_key_id = A\naws_secret_access_key=B\n\n# [no]\n[ other ]\n\
                        aws_access_key_id=C\naws_secret_access_key=D=\naws_session_token = T\n[role]\nrole_arn=x\n";

    fn found(variables: &[(&str, &str)]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("credentials");
        std::fs::write(&file, FILE).unwrap();
        let file = file.display().to_string();
        let variable = |name: &str| {
            let given =
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            given.or_else(|| (name == "AWS_SHARED_CREDENTIALS_FILE").then(|| file.clone()))
        };
        let shown = |keys: Credentials| {
            [keys.access_key_id, keys.secret_access_key, keys.session_token.unwrap_or_default()].join(" ")
        };
        match find(&variable) {
            Ok(found) => Ok(found.map(shown).unwrap_or_default()),
            Err(error) => Err(format!("{error:#}").replace(&file, "FILE")),
        }
    }

    #[test]
    fn the_environment_comes_before_a_profile() {
        assert_eq!(found(&[("AWS_ACCESS_KEY_ID", "X"), ("AWS_SECRET_ACCESS_KEY", "Y")]).unwrap(), "X Y ");
        assert_eq!(found(&[]).unwrap(), "A B ");
        assert_eq!(found(&[("AWS_PROFILE", "other")]).unwrap(), "C D= T");
    }

    #[test]
    fn what_is_missing_is_told() {
        let told = |variables| found(variables).unwrap_err();
        assert_eq!(
            told(&[("AWS_ACCESS_KEY_ID", "X")]),
            "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"
        );
        assert_eq!(told(&[("AWS_PROFILE", "gone")]), "FILE: there is no profile 'gone'");
        assert!(told(&[("AWS_PROFILE", "role")]).starts_with("FILE: the profile 'role' needs"));
        assert_eq!(found(&[("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/at/all")]).unwrap(), "");
    }
}
