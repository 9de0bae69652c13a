use super::{ACCOUNT, NOW, allow, call_at, open, user_in};
use stepward_store::Store;

use crate::{Access, AccessConfig, AccessError, FederationRequest, Needs, OidcProvider, User};

#[tokio::test]
async fn identities_sessions_and_secrets_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let before = open(folder.path(), false).await;
    let key = user_in(&before, ACCOUNT, "ada", Some(allow("states:*", "*"))).await;
    let caller = call_at(&before, &key, NOW, NOW).unwrap();
    let call = before.authorize(&caller, (), Needs::none()).unwrap();
    let request = FederationRequest { duration_seconds: 900, ..FederationRequest::default() };
    let session = before.federate(&call, &request).unwrap().credentials().unwrap();
    drop((before, caller, call));

    let after = open(folder.path(), false).await;
    assert!(!after.is_first_start());
    assert_eq!(call_at(&after, &key, NOW, NOW).unwrap().user_name(), Some("ada"));
    assert_eq!(call_at(&after, &session, NOW, NOW).unwrap().user_name(), Some("ada"));
    assert!(after.root_credentials(ACCOUNT).is_some());
}

#[tokio::test]
async fn a_change_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path(), false).await;
    user_in(&access, ACCOUNT, "ada", None).await;
    let change = access.change(ACCOUNT, |edit| {
        let user: User = edit.copy("ada").unwrap();
        edit.remove(&user);
        Err::<(), AccessError>(AccessError::Gone)
    });
    assert!(change.await.is_err());
    assert!(access.read(ACCOUNT, |account| account.find::<User>("Ada").is_some()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_nests_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let access = std::sync::Arc::new(open(folder.path(), false).await);
    let writer = tokio::spawn({
        let access = std::sync::Arc::clone(&access);
        async move {
            for number in 0..50 {
                user_in(&access, ACCOUNT, &format!("u{number}"), None).await;
            }
        }
    });
    while !writer.is_finished() {
        access.read(ACCOUNT, |_| access.read(ACCOUNT, |account| account.users.len()));
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
    assert_eq!(access.read(ACCOUNT, |account| account.users.len()), 50);
}

#[tokio::test]
async fn a_folder_that_has_lost_its_master_key_gets_no_other() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), false).await);
    std::fs::remove_file(folder.path().join("master.key")).unwrap();
    let config =
        AccessConfig { data_folder: folder.path().to_owned(), account: ACCOUNT.to_owned(), is_dev: false };
    let opened = Access::open(Store::open(folder.path()).unwrap(), config).await;
    assert!(matches!(opened, Err(AccessError::MasterKey(_))));
    assert!(!folder.path().join("master.key").exists());
}

#[tokio::test]
async fn names_have_no_case_and_arns_do() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path(), false).await;
    user_in(&access, ACCOUNT, "Ada", None).await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/id.example/realms/prod");
    let provider = OidcProvider {
        arn: arn.clone(),
        url: "id.example/realms/prod".to_owned(),
        client_ids: Vec::new(),
        thumbprints: Vec::new(),
        created: NOW,
        tags: Default::default(),
    };
    access.change(ACCOUNT, |edit| edit.put(provider)).await.unwrap();
    // Whoever has the path in capitals has other keys: its tokens are not those of the provider.
    let found = |arn: &str| access.read(ACCOUNT, |account| account.find::<OidcProvider>(arn).is_some());
    assert!(found(&arn));
    assert!(!found(&arn.replace("prod", "PROD")));
    assert!(access.read(ACCOUNT, |account| account.find::<User>("ADA").is_some()));
}
