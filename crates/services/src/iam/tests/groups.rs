use serde_json::json;

use super::{allow, fixture};
use crate::iam::{
    certificates::*, credential_report::*, groups::*, inline_policies::*, last_accessed::*, providers::*,
    service_credentials::*, ssh_keys::*, users::*,
};

#[tokio::test]
async fn a_groups_policies_are_its_members() {
    let at = fixture().await;
    let ada = at.user("ada", None).await;
    at.root_calls::<CreateGroup>(json!({"GroupName": "G"})).await.unwrap();
    let inline = json!({"GroupName": "G", "PolicyName": "P", "PolicyDocument": allow("iam:ListUsers", "*").to_string()});
    at.root_calls::<PutGroupPolicy>(inline).await.unwrap();
    assert!(at.calls::<ListUsers>(&ada, json!({})).await.is_err());
    let member = json!({"GroupName": "g", "UserName": "ada"});
    at.root_calls::<AddUserToGroup>(member.clone()).await.unwrap();
    assert!(at.calls::<ListUsers>(&ada, json!({})).await.is_ok());
    at.root_calls::<UpdateGroup>(json!({"GroupName": "G", "NewGroupName": "H"})).await.unwrap();
    assert!(at.calls::<ListUsers>(&ada, json!({})).await.is_ok());
    let read = at.root_calls::<GetGroup>(json!({"GroupName": "H"})).await.unwrap();
    assert_eq!((&read["Users"][0]["UserName"], &read["Group"]["GroupName"]), (&json!("ada"), &json!("H")));
    let of_user = at.root_calls::<ListGroupsForUser>(json!({"UserName": "ada"})).await.unwrap();
    assert_eq!(of_user["Groups"][0]["GroupName"], "H");
    assert!(
        at.root_calls::<DeleteGroup>(json!({"GroupName": "H"}))
            .await
            .unwrap_err()
            .starts_with("DeleteConflict")
    );
    at.root_calls::<RemoveUserFromGroup>(json!({"GroupName": "H", "UserName": "ada"})).await.unwrap();
    assert!(at.calls::<ListUsers>(&ada, json!({})).await.is_err());
    let nobody =
        at.root_calls::<AddUserToGroup>(json!({"GroupName": "H", "UserName": "x"})).await.unwrap_err();
    assert_eq!(nobody, "NoSuchEntity: The user with name x cannot be found.");
    let none = at.root_calls::<AddUserToGroup>(member).await.unwrap_err();
    assert_eq!(none, "NoSuchEntity: The group with name g cannot be found.");
}

#[tokio::test]
async fn providers_are_made_read_and_deleted() {
    let at = fixture().await;
    let oidc = json!({"Url": "https://idp.example.com", "ClientIDList": ["a"], "ThumbprintList": ["x"]});
    let made = at.root_calls::<CreateOpenIDConnectProvider>(oidc.clone()).await.unwrap();
    assert_eq!(made["OpenIDConnectProviderArn"], "arn:aws:iam::123456789012:oidc-provider/idp.example.com");
    assert!(
        at.root_calls::<CreateOpenIDConnectProvider>(oidc)
            .await
            .unwrap_err()
            .starts_with("EntityAlreadyExists")
    );
    let client = json!({"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"], "ClientID": "b"});
    at.root_calls::<AddClientIDToOpenIDConnectProvider>(client).await.unwrap();
    let read = at.root_calls::<GetOpenIDConnectProvider>(made.clone()).await.unwrap();
    assert_eq!(read["ClientIDList"], json!(["a", "b"]));
    at.root_calls::<DeleteOpenIDConnectProvider>(made.clone()).await.unwrap();
    assert!(at.root_calls::<GetOpenIDConnectProvider>(made).await.unwrap_err().starts_with("NoSuchEntity"));
    let metadata = include_str!("metadata.xml");
    let saml = json!({"Name": "S", "SAMLMetadataDocument": metadata});
    let made = at.root_calls::<CreateSAMLProvider>(saml).await.unwrap();
    assert!(at.root_calls::<GetSAMLProvider>(made).await.is_ok());
    assert!(
        at.root_calls::<CreateSAMLProvider>(json!({"Name": "T", "SAMLMetadataDocument": "x"})).await.is_err()
    );
}

#[tokio::test]
async fn other_credentials_belong_to_their_user() {
    let at = fixture().await;
    at.user("ada", None).await;
    let wrong = json!({"UserName": "ada", "SSHPublicKeyBody": "nonsense"});
    assert!(at.root_calls::<UploadSSHPublicKey>(wrong).await.unwrap_err().starts_with("InvalidPublicKey"));
    let key = json!({"UserName": "ada", "SSHPublicKeyBody": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== ada"});
    let key = at.root_calls::<UploadSSHPublicKey>(key).await.unwrap();
    assert!(key["SSHPublicKey"]["SSHPublicKeyId"].as_str().unwrap().starts_with("APKA"));
    let service = json!({"UserName": "ada", "ServiceName": "codecommit.amazonaws.com"});
    let made = at.root_calls::<CreateServiceSpecificCredential>(service).await.unwrap();
    assert_eq!(made["ServiceSpecificCredential"]["ServiceUserName"], "ada-at-123456789012");
    let pem = include_str!("certificate.pem");
    at.root_calls::<UploadSigningCertificate>(json!({"UserName": "ada", "CertificateBody": pem}))
        .await
        .unwrap();
    assert!(
        at.root_calls::<UploadSigningCertificate>(json!({"UserName": "ada", "CertificateBody": "x"}))
            .await
            .is_err()
    );
    let server = json!({"ServerCertificateName": "C", "CertificateBody": pem, "PrivateKey": pem});
    at.root_calls::<UploadServerCertificate>(server).await.unwrap();
    let read = at.root_calls::<GetServerCertificate>(json!({"ServerCertificateName": "c"})).await.unwrap();
    assert_eq!(read["ServerCertificate"]["PrivateKey"], json!(null));
}

#[tokio::test]
async fn reports_tell_of_every_user_and_of_what_was_really_used() {
    let at = fixture().await;
    let ada = at.user("ada", Some(allow("iam:*", "*"))).await;
    assert!(
        at.root_calls::<GetCredentialReport>(json!({})).await.unwrap_err().starts_with("ReportNotPresent")
    );
    at.root_calls::<GenerateCredentialReport>(json!({})).await.unwrap();
    assert_eq!(at.root_calls::<GetCredentialReport>(json!({})).await.unwrap()["ReportFormat"], "text/csv");
    at.calls::<ListUsers>(&ada, json!({})).await.unwrap();
    let arn = json!({"Arn": "arn:aws:iam::123456789012:user/ada"});
    let job = at.root_calls::<GenerateServiceLastAccessedDetails>(arn).await.unwrap();
    let details = at.root_calls::<GetServiceLastAccessedDetails>(job).await.unwrap();
    assert_eq!(details["ServicesLastAccessed"][0]["ServiceNamespace"], "iam");
}
