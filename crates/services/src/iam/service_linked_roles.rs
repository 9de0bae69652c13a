//! Roles that belong to a service.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, AccountSettings, Authorized, Role, UniqueId, letters, unique_id};

use super::error::IamError;
use super::{Answer, account, roles, shapes};

const SESSION_SECONDS: u32 = 3_600;
/// Deletion tasks that are remembered.
const TASKS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInput {
    #[serde(rename = "AWSServiceName")]
    service: String,
    description: Option<String>,
    custom_suffix: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteInput {
    role_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StatusInput {
    deletion_task_id: String,
}

operation!(CreateServiceLinkedRole(CreateInput): |input, asked| {
    let path = format!("/aws-service-role/{}/", input.service);
    let needs = asked.new_entity("role", Some(&path), &role_name(input), &super::users::no_tags())?;
    Ok(needs.key("iam:AWSServiceName", &input.service))
} => create);
operation!(DeleteServiceLinkedRole(DeleteInput): |input, asked| asked.role(&input.role_name) => delete);
operation!(GetServiceLinkedRoleDeletionStatus(StatusInput): |input, asked| {
    asked.role(input.deletion_task_id.rsplit('/').nth(1).unwrap_or_default())
} => status);

/// `AWSServiceRoleFor` and the service's name; AWS writes each service's name its own way.
fn role_name(input: &CreateInput) -> String {
    let service = input.service.strip_suffix(".amazonaws.com").unwrap_or(&input.service);
    let name = known_name(service).map_or_else(|| capitalized(service), str::to_owned);
    match &input.custom_suffix {
        Some(suffix) => format!("AWSServiceRoleFor{name}_{suffix}"),
        None => format!("AWSServiceRoleFor{name}"),
    }
}

fn known_name(service: &str) -> Option<&'static str> {
    Some(match service {
        "autoscaling" => "AutoScaling",
        "batch" => "Batch",
        "config" => "Config",
        "custom-resource.application-autoscaling" => "ApplicationAutoScaling_CustomResource",
        "dynamodb.application-autoscaling" => "ApplicationAutoScaling_DynamoDBTable",
        "ecs" => "ECS",
        "ecs.application-autoscaling" => "ApplicationAutoScaling_ECSService",
        "eks" => "AmazonEKS",
        "eks-fargate" => "AmazonEKSForFargate",
        "eks-nodegroup" => "AmazonEKSNodegroup",
        "elasticache" => "ElastiCache",
        "elasticloadbalancing" => "ElasticLoadBalancing",
        "es" => "AmazonElasticsearchService",
        "guardduty" => "AmazonGuardDuty",
        "lambda.application-autoscaling" => "ApplicationAutoScaling_LambdaConcurrency",
        "lex" => "LexBots",
        "opensearchservice" => "AmazonOpenSearchService",
        "organizations" => "Organizations",
        "rds" => "RDS",
        "rds.application-autoscaling" => "ApplicationAutoScaling_RDSCluster",
        "replicator.lambda" => "LambdaReplicator",
        "spot" => "EC2Spot",
        "ssm" => "AmazonSSM",
        "support" => "Support",
        "trustedadvisor" => "TrustedAdvisor",
        _ => return None,
    })
}

/// The first part of a service's name with a capital.
fn capitalized(service: &str) -> String {
    let mut letters = service.split('.').next().unwrap_or_default().chars();
    let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
    capital.into_iter().chain(letters).collect()
}

async fn create(call: &Authorized<CreateInput>, access: &Access) -> Answer {
    if !call.service.ends_with(".amazonaws.com") {
        return Err(IamError::InvalidInput("A service name must end with .amazonaws.com.".to_owned()));
    }
    let account = call.caller().account();
    let (name, path) = (role_name(call), format!("/aws-service-role/{}/", call.service));
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": call.service}, "Action": "sts:AssumeRole",
    }]});
    let role = Role {
        arn: format!("arn:aws:iam::{account}:role{path}{name}"),
        name,
        path,
        id: unique_id(UniqueId::Role),
        created: call.caller().now(),
        trust: trust.to_string(),
        description: call.description.clone(),
        session_seconds_max: SESSION_SECONDS,
        tags: Default::default(),
        inline: Default::default(),
        attached: Vec::new(),
        boundary: None,
    };
    let taken = |error| match error {
        IamError::EntityAlreadyExists(_) => {
            let text = format!(
                "Service role name {} has been taken in this account, please try a different suffix.",
                role.name
            );
            IamError::InvalidInput(text)
        }
        other => other,
    };
    roles::insert(access, account, role.clone()).await.map_err(taken)?;
    Ok(json!({"Role": shapes::role_in_list(&role, access)}))
}

async fn delete(call: &Authorized<DeleteInput>, access: &Access) -> Answer {
    let id = call.caller().account();
    let task = access.change(id, |edit| {
        let role: Role =
            edit.copy(&call.role_name).ok_or_else(|| IamError::no_such("role", &call.role_name))?;
        let Some(service) =
            role.path.strip_prefix("/aws-service-role/").and_then(|path| path.strip_suffix('/'))
        else {
            return Err(IamError::no_such("role", &call.role_name));
        };
        let task = format!("task/aws-service-role/{service}/{}/{}", role.name, letters(32));
        edit.remove(&role);
        Ok(task)
    });
    let task: String = task.await?;
    let remember = |settings: &mut AccountSettings| {
        if settings.deletion_tasks.len() >= TASKS_MAX {
            settings.deletion_tasks.remove(0);
        }
        settings.deletion_tasks.push(task.clone());
        Ok(Value::Null)
    };
    account::change(access, id, remember).await?;
    Ok(json!({"DeletionTaskId": task}))
}

async fn status(call: &Authorized<StatusInput>, access: &Access) -> Answer {
    let settings = access.read(call.caller().account(), stepward_access::Account::account_settings);
    if settings.deletion_tasks.contains(&call.deletion_task_id) {
        return Ok(json!({"Status": "SUCCEEDED"}));
    }
    Err(IamError::NoSuchEntity(format!("Deletion task id: {} not found.", call.deletion_task_id)))
}
