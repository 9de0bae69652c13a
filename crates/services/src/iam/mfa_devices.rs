//! Virtual MFA devices.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authenticated, Authorized, MfaDevice, User, mfa_seed};

use super::Answer;
use super::error::IamError;
use super::page::Paging;
use super::qr_code;
use super::quotas;
use super::shapes::{self, date, with};
use super::tags::{Tag, checked, requested};
use super::users::devices_of;

/// How a device of the root user is marked.
const ROOT: &str = "<root>";

#[derive(Deserialize)]
pub(crate) struct CreateInput {
    #[serde(rename = "Path")]
    path: Option<String>,
    #[serde(rename = "VirtualMFADeviceName")]
    name: String,
    #[serde(rename = "Tags", default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SerialInput {
    serial_number: String,
    user_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CodesInput {
    user_name: String,
    serial_number: String,
    authentication_code1: String,
    authentication_code2: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListVirtualInput {
    assignment_status: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    user_name: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(CreateVirtualMFADevice(CreateInput): |input, asked| asked.new_entity("mfa", input.path.as_deref(), &input.name, &requested(&input.tags)) => create);
operation!(DeleteVirtualMFADevice(SerialInput): |input, asked| {
    // AWS: the policy for deleting root's credentials allows it on the root user, not on its device.
    let is_roots = input.serial_number.ends_with(":mfa/root-account-mfa-device");
    if asked.caller.is_assumed_root() && is_roots {
        return asked.user_or_self(None);
    }
    asked.named(&input.serial_number, &super::users::no_tags())
} => delete);
operation!(ListVirtualMFADevices(ListVirtualInput): |_, asked| asked.all("mfa", None) => list_virtual);
operation!(EnableMFADevice(CodesInput): |input, asked| asked.user_or_self(Some(&input.user_name)) => enable);
operation!(DeactivateMFADevice(SerialInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => deactivate);
operation!(ResyncMFADevice(CodesInput): |input, asked| asked.user_or_self(Some(&input.user_name)) => resync);
operation!(ListMFADevices(ListInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => list);
operation!(GetMFADevice(SerialInput): |input, asked| {
    // The device may be another user's: the right is asked for on whose it is.
    let found = asked.access.read(asked.caller.account(), |account| find(account, &input.serial_number).ok());
    let owner = found.and_then(|device| device.user).filter(|owner| owner != ROOT);
    asked.user_or_self(input.user_name.as_deref().or(owner.as_deref()))
} => get);

fn find(account: &Account, serial: &str) -> Result<MfaDevice, IamError> {
    let found = account.mfa_devices.get(serial).map(|device| MfaDevice::clone(device));
    found.ok_or_else(|| {
        IamError::NoSuchEntity(format!("VirtualMFADevice with serial number {serial} doesn't exist."))
    })
}

/// The owner of the devices that a call is about.
fn owner(name: Option<&str>, caller: &Authenticated) -> String {
    name.or(caller.user_name()).unwrap_or(ROOT).to_owned()
}

async fn create(call: &Authorized<CreateInput>, access: &Access) -> Answer {
    let account = call.caller().account();
    let path = call.path.as_deref().unwrap_or("/");
    let serial_number = format!("arn:aws:iam::{account}:mfa{path}{}", call.name);
    let seed = mfa_seed();
    let picture = qr_code::png(&qr_code::uri(&call.name, account, &seed)).ok_or(IamError::Fault)?;
    let device = MfaDevice {
        seed_sealed: access.seal(&serial_number, seed.as_bytes())?,
        serial_number,
        created: call.caller().now(),
        user: None,
        enabled: None,
        last_step: 0,
        steps_ahead: 0,
        tags: checked(&call.tags)?,
    };
    let change = access.change(account, |edit| {
        if edit.account().mfa_devices.contains_key(&device.serial_number) {
            let text = "MFADevice entity at the same path and name already exists.";
            return Err(IamError::EntityAlreadyExists(text.to_owned()));
        }
        quotas::MFA_DEVICES.check_one_more(edit.account().mfa_devices.len())?;
        let answer = json!({"VirtualMFADevice": shapes::with_tags(
            json!({
                "SerialNumber": device.serial_number, "Base32StringSeed": BASE64.encode(&seed),
                "QRCodePNG": BASE64.encode(&picture),
            }), &device.tags,
        )});
        edit.put(device)?;
        Ok(answer)
    });
    change.await
}

async fn delete(call: &Authorized<SerialInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let device = find(edit.account(), &call.serial_number)?;
        if device.user.is_some() {
            let text = "MFA VirtualDevice is in use. Must deactivate first.";
            return Err(IamError::DeleteConflict(text.to_owned()));
        }
        edit.remove(&device);
        Ok(json!({}))
    });
    change.await
}

async fn list_virtual(call: &Authorized<ListVirtualInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let is_wanted = |device: &MfaDevice| match call.assignment_status.as_deref() {
            Some("Assigned") => device.user.is_some(),
            Some("Unassigned") => device.user.is_none(),
            _ => true,
        };
        let show = |device: &MfaDevice| is_wanted(device).then(|| shown(device, account));
        call.page.table("VirtualMFADevices", &account.mfa_devices, show)
    })
}

fn shown(device: &MfaDevice, account: &Account) -> Value {
    let user = device
        .user
        .as_ref()
        .and_then(|name| account.find::<User>(name))
        .map(|user| shapes::user_in_list(user));
    let value = with(json!({"SerialNumber": device.serial_number}), "User", user);
    with(value, "EnableDate", device.enabled.map(date))
}

async fn enable(call: &Authorized<CodesInput>, access: &Access) -> Answer {
    let now = call.caller().now();
    let change = access.change(call.caller().account(), |edit| {
        let user = edit.account().find::<User>(&call.user_name);
        let user = user.ok_or_else(|| IamError::no_such("user", &call.user_name))?;
        let mut device = find(edit.account(), &call.serial_number)?;
        if device.user.is_some() {
            let text = format!("Device {} is already in use.", device.serial_number);
            return Err(IamError::EntityAlreadyExists(text));
        }
        quotas::MFA_DEVICES_PER_USER.check_one_more(devices_of(edit.account(), &user.name).len())?;
        synchronize(call, &mut device, access)?;
        device.user = Some(user.name.clone());
        device.enabled = Some(now);
        edit.put(device)?;
        Ok(json!({}))
    });
    change.await
}

/// Sets the device by two codes that follow each other.
fn synchronize(
    call: &Authorized<CodesInput>,
    device: &mut MfaDevice,
    access: &Access,
) -> Result<(), IamError> {
    let codes = [call.authentication_code1.as_str(), call.authentication_code2.as_str()];
    if access.synchronize_mfa(device, codes, call.caller().now()) {
        return Ok(());
    }
    Err(IamError::InvalidAuthenticationCode("Authentication code for device is not valid.".to_owned()))
}

/// A device that is enabled for a user.
fn enabled(account: &Account, serial: &str, owner: &str) -> Result<MfaDevice, IamError> {
    let device = find(account, serial)?;
    if device.user.as_deref() == Some(owner) {
        return Ok(device);
    }
    Err(IamError::NoSuchEntity(format!("MFA Device {serial} is not enabled for user {owner}.")))
}

async fn resync(call: &Authorized<CodesInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let user = edit.account().find::<User>(&call.user_name);
        let user = user.ok_or_else(|| IamError::no_such("user", &call.user_name))?;
        let mut device = enabled(edit.account(), &call.serial_number, &user.name)?;
        synchronize(call, &mut device, access)?;
        edit.put(device)?;
        Ok(json!({}))
    });
    change.await
}

async fn deactivate(call: &Authorized<SerialInput>, access: &Access) -> Answer {
    let owner = owner(call.user_name.as_deref(), call.caller());
    let change = access.change(call.caller().account(), |edit| {
        let mut device = enabled(edit.account(), &call.serial_number, &owner)?;
        device.user = None;
        device.enabled = None;
        edit.put(device)?;
        Ok(json!({}))
    });
    change.await
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    let owner = owner(call.user_name.as_deref(), call.caller());
    access.read(call.caller().account(), |account| {
        if owner != ROOT && account.find::<User>(&owner).is_none() {
            return Err(IamError::no_such("user", &owner));
        }
        let shown = |device: MfaDevice| {
            let value = json!({"UserName": device.user, "SerialNumber": device.serial_number, "EnableDate": device.enabled.map(date)});
            (device.serial_number, value)
        };
        call.page.list("MFADevices", devices_of(account, &owner).into_iter().map(shown).collect())
    })
}

async fn get(call: &Authorized<SerialInput>, access: &Access) -> Answer {
    let device = access.read(call.caller().account(), |account| match &call.user_name {
        Some(owner) => enabled(account, &call.serial_number, owner),
        None => find(account, &call.serial_number),
    })?;
    let value = json!({"SerialNumber": device.serial_number});
    let value = with(value, "UserName", device.user.as_ref().map(|user| json!(user)));
    Ok(with(value, "EnableDate", device.enabled.map(date)))
}
