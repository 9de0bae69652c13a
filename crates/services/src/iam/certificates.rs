//! Server certificates, and the certificates with which users sign.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    Access, Account, Authorized, ServerCertificate, SigningCertificate, UniqueId, User, letters, unique_id,
};
use stepward_saml::Certificate;

use super::Answer;
use super::error::IamError;
use super::page::Paging;
use super::quotas;
use super::shapes::{date, with, with_tags};
use super::tags::{Tag, checked, requested};
use super::users;

/// How long the ids of signing certificates are.
const SIGNING_ID_CHARACTERS: usize = 32;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UploadInput {
    path: Option<String>,
    server_certificate_name: String,
    certificate_body: String,
    private_key: String,
    certificate_chain: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NameInput {
    server_certificate_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateInput {
    server_certificate_name: String,
    new_path: Option<String>,
    new_server_certificate_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    path_prefix: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SigningInput {
    user_name: Option<String>,
    certificate_body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SigningListInput {
    user_name: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SigningStatusInput {
    user_name: Option<String>,
    certificate_id: String,
    status: Option<String>,
}

operation!(UploadServerCertificate(UploadInput): |input, asked| asked.new_entity("server-certificate", input.path.as_deref(), &input.server_certificate_name, &requested(&input.tags)) => upload);
operation!(GetServerCertificate(NameInput): |input, asked| asked.certificate(&input.server_certificate_name) => get);
operation!(ListServerCertificates(ListInput): |input, asked| asked.all("server-certificate", input.path_prefix.as_deref()) => list);
operation!(UpdateServerCertificate(UpdateInput): |input, asked| {
    let old = &input.server_certificate_name;
    let (path, name) = asked.place::<ServerCertificate>(old, |each| (&each.path, &each.name));
    let new = (input.new_path.as_deref(), input.new_server_certificate_name.as_deref());
    Ok(asked.moved(asked.certificate(old)?, ("server-certificate", path, name), new))
} => update);
operation!(DeleteServerCertificate(NameInput): |input, asked| asked.certificate(&input.server_certificate_name) => delete);
operation!(UploadSigningCertificate(SigningInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => upload_signing);
operation!(ListSigningCertificates(SigningListInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => list_signing);
operation!(UpdateSigningCertificate(SigningStatusInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => update_signing);
operation!(DeleteSigningCertificate(SigningStatusInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => delete_signing);

fn read_certificate(pem: &str) -> Result<Certificate, IamError> {
    let text = "Unable to parse certificate. Please ensure the certificate is in PEM format.";
    Certificate::parse(pem).ok_or_else(|| IamError::MalformedCertificate(text.to_owned()))
}

/// Refuses a private key that is none, or is not the certificate's.
fn check_key(certificate: &Certificate, pem: &str) -> Result<(), IamError> {
    if !pem.trim_start().starts_with("-----BEGIN ") {
        let text = "Unable to parse key; only PEM encoding is supported.";
        return Err(IamError::MalformedCertificate(text.to_owned()));
    }
    match certificate.has_key(pem) {
        Some(false) => {
            Err(IamError::KeyPairMismatch("Public key does not match the private key.".to_owned()))
        }
        Some(true) | None => Ok(()),
    }
}

fn find(account: &Account, name: &str) -> Result<ServerCertificate, IamError> {
    let found =
        account.find::<ServerCertificate>(name).map(|certificate| ServerCertificate::clone(certificate));
    found.ok_or_else(|| {
        IamError::NoSuchEntity(format!("The Server Certificate with name {name} cannot be found."))
    })
}

fn metadata(certificate: &ServerCertificate) -> Value {
    let value = json!({
        "Path": certificate.path, "ServerCertificateName": certificate.name, "ServerCertificateId": certificate.id,
        "Arn": certificate.arn, "UploadDate": date(certificate.uploaded),
    });
    with(value, "Expiration", certificate.expires.map(date))
}

async fn upload(call: &Authorized<UploadInput>, access: &Access) -> Answer {
    let read = read_certificate(&call.certificate_body)?;
    check_key(&read, &call.private_key)?;
    let account = call.caller().account();
    let path = call.path.clone().unwrap_or_else(|| "/".to_owned());
    let id = unique_id(UniqueId::Certificate);
    let certificate = ServerCertificate {
        arn: format!("arn:aws:iam::{account}:server-certificate{path}{}", call.server_certificate_name),
        name: call.server_certificate_name.clone(),
        path,
        private_key_sealed: access.seal(&id, call.private_key.as_bytes())?,
        id,
        body: call.certificate_body.clone(),
        chain: call.certificate_chain.clone(),
        uploaded: call.caller().now(),
        expires: Some(read.expires),
        tags: checked(&call.tags)?,
    };
    let change = access.change(account, |edit| {
        if edit.account().find::<ServerCertificate>(&certificate.name).is_some() {
            let text = format!("The Server Certificate with name {} already exists.", certificate.name);
            return Err(IamError::EntityAlreadyExists(text));
        }
        quotas::SERVER_CERTIFICATES.check_one_more(edit.account().server_certificates.len())?;
        let answer =
            with_tags(json!({"ServerCertificateMetadata": metadata(&certificate)}), &certificate.tags);
        edit.put(certificate)?;
        Ok(answer)
    });
    change.await
}

async fn get(call: &Authorized<NameInput>, access: &Access) -> Answer {
    let certificate =
        access.read(call.caller().account(), |account| find(account, &call.server_certificate_name))?;
    let value =
        json!({"ServerCertificateMetadata": metadata(&certificate), "CertificateBody": certificate.body});
    let value = with(value, "CertificateChain", certificate.chain.as_ref().map(|chain| json!(chain)));
    Ok(json!({"ServerCertificate": with_tags(value, &certificate.tags)}))
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let show = |certificate: &ServerCertificate| Some(metadata(certificate));
        call.page.below("ServerCertificateMetadataList", (account, call.path_prefix.as_deref()), show)
    })
}

async fn update(call: &Authorized<UpdateInput>, access: &Access) -> Answer {
    let id = call.caller().account();
    let change = access.change(id, |edit| {
        let mut certificate = find(edit.account(), &call.server_certificate_name)?;
        let name = call.new_server_certificate_name.as_ref().unwrap_or(&certificate.name).clone();
        if edit.account().find::<ServerCertificate>(&name).is_some_and(|other| other.id != certificate.id) {
            let text = format!("The Server Certificate with name {name} already exists.");
            return Err(IamError::EntityAlreadyExists(text));
        }
        edit.remove(&certificate);
        certificate.name = name;
        certificate.path = call.new_path.as_ref().unwrap_or(&certificate.path).clone();
        certificate.arn =
            format!("arn:aws:iam::{id}:server-certificate{}{}", certificate.path, certificate.name);
        edit.put(certificate)?;
        Ok(json!({}))
    });
    change.await
}

async fn delete(call: &Authorized<NameInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let certificate = find(edit.account(), &call.server_certificate_name)?;
        edit.remove(&certificate);
        Ok(json!({}))
    });
    change.await
}

fn signing(user: &str, certificate: &SigningCertificate) -> Value {
    json!({
        "UserName": user, "CertificateId": certificate.id, "CertificateBody": certificate.body,
        "Status": if certificate.active { "Active" } else { "Inactive" }, "UploadDate": date(certificate.uploaded),
    })
}

fn no_certificate(id: &str) -> IamError {
    IamError::NoSuchEntity(format!("The Certificate with id {id} cannot be found."))
}

async fn upload_signing(call: &Authorized<SigningInput>, access: &Access) -> Answer {
    read_certificate(&call.certificate_body)?;
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    let certificate = SigningCertificate {
        // AWS: longer than other ids.
        id: letters(SIGNING_ID_CHARACTERS).to_uppercase(),
        body: call.certificate_body.clone(),
        active: true,
        uploaded: call.caller().now(),
    };
    let alter = |user: &mut User| {
        if user.signing_certificates.iter().any(|known| known.body == certificate.body) {
            let text = "The certificate is already associated with the specified IAM user.";
            return Err(IamError::DuplicateCertificate(text.to_owned()));
        }
        quotas::SIGNING_CERTIFICATES_PER_USER.check_one_more(user.signing_certificates.len())?;
        let answer = json!({"Certificate": signing(&user.name, &certificate)});
        user.signing_certificates.push(certificate);
        Ok(answer)
    };
    users::change(access, call.caller().account(), name, alter).await
}

async fn list_signing(call: &Authorized<SigningListInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    access.read(call.caller().account(), |account| {
        let user = account.find::<User>(name).ok_or_else(|| IamError::no_such("user", name))?;
        let shown = user.signing_certificates.iter().map(|each| (each.id.clone(), signing(&user.name, each)));
        call.page.list("Certificates", shown.collect())
    })
}

async fn update_signing(call: &Authorized<SigningStatusInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    let alter = |user: &mut User| {
        let found = user.signing_certificates.iter_mut().find(|each| each.id == call.certificate_id);
        found.ok_or_else(|| no_certificate(&call.certificate_id))?.active =
            call.status.as_deref() == Some("Active");
        Ok(json!({}))
    };
    users::change(access, call.caller().account(), name, alter).await
}

async fn delete_signing(call: &Authorized<SigningStatusInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    let alter = |user: &mut User| {
        let before = user.signing_certificates.len();
        user.signing_certificates.retain(|each| each.id != call.certificate_id);
        if user.signing_certificates.len() == before {
            return Err(no_certificate(&call.certificate_id));
        }
        Ok(json!({}))
    };
    users::change(access, call.caller().account(), name, alter).await
}
