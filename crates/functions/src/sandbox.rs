//! What a function's process can reach of the machine.
//!
//! Owns the list of what is open to it: programs and their libraries, its own code, its temporary folder, `/tmp`. All
//! else, the server's data folder first of all, is shut by Landlock, and so are signals to processes that are not its
//! own. Refuses to let a function start where that was asked for and the kernel has no Landlock. The network stays open:
//! functions call it.

use std::io;
use std::path::{Path, PathBuf};

use tokio::process::{Child, Command};

/// Whether functions run in a sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SandboxMode {
    /// No: a function can read what the server can.
    Off,
    /// Where the kernel has Landlock.
    #[default]
    Auto,
    /// Yes: without Landlock no function starts.
    Required,
}

/// The files that are open to one worker.
#[derive(Debug)]
pub(crate) struct Sandbox {
    /// With everything below them.
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
}

/// Programs, libraries and what they read about the machine; nothing of it is a secret. Of `/etc` only files that
/// everybody needs: a server that runs as root would otherwise lend its eyes. Of `/proc` nothing about processes: their
/// environments hold the keys of other functions.
const READABLE: [&str; 43] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/nix/store",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys",
    "/proc/uptime",
    "/proc/version",
    "/sys/fs/cgroup",
    "/sys/devices/system",
    "/run/systemd/resolve",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/cert.pem",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
];

const WRITABLE: [&str; 6] = ["/tmp", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

impl Sandbox {
    /// `programs` are the folders of what runs the function, `own` those that only this worker has.
    pub(crate) fn new(data_dir: &Path, programs: &[PathBuf], code: &Path, own: &Path) -> Self {
        let data_dir = data_dir.canonicalize().unwrap_or_else(|_| data_dir.to_owned());
        let general = |place: PathBuf| {
            let place = place.canonicalize().ok()?;
            // What holds the data folder cannot be open: it would be open with it.
            (!data_dir.starts_with(&place)).then_some(place)
        };
        let readable = READABLE.iter().map(PathBuf::from).chain(programs.iter().cloned());
        let mut readable: Vec<PathBuf> = readable.filter_map(general).collect();
        readable.extend([data_dir.join("runtimes"), code.to_owned()]);
        let mut writable: Vec<PathBuf> = WRITABLE.iter().map(PathBuf::from).filter_map(general).collect();
        writable.push(own.to_owned());
        Self { readable, writable }
    }

    /// Starts the command within. What it starts stays within, too.
    pub(crate) fn spawn(&self, mode: SandboxMode, command: &mut Command) -> io::Result<Child> {
        if mode == SandboxMode::Off {
            return command.spawn();
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
        // Landlock holds for a thread and for what it starts from then on: this one starts the process and ends.
        std::thread::scope(|scope| {
            let thread =
                std::thread::Builder::new().name("sandbox".to_owned()).spawn_scoped(scope, || {
                    let _entered = runtime.enter();
                    self.restrict(mode)?;
                    command.spawn()
                })?;
            thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread of the sandbox ended early")))
        })
    }

    #[cfg(target_os = "linux")]
    fn restrict(&self, mode: SandboxMode) -> io::Result<()> {
        use landlock::{
            ABI, Access as _, AccessFs, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
            RulesetCreatedAttr as _, RulesetStatus, Scope, path_beneath_rules,
        };
        // The newest whose rules these are; older kernels enforce what they know.
        let abi = ABI::V6;
        let restrict = || {
            let ruleset = Ruleset::default()
                .set_compatibility(CompatLevel::BestEffort)
                .handle_access(AccessFs::from_all(abi))?
                .scope(Scope::from_all(abi))?;
            ruleset
                .create()?
                .add_rules(path_beneath_rules(&self.readable, AccessFs::from_read(abi)))?
                .add_rules(path_beneath_rules(&self.writable, AccessFs::from_all(abi)))?
                .restrict_self()
        };
        let status = restrict().map_err(|error: landlock::RulesetError| io::Error::other(error))?;
        match status.ruleset {
            RulesetStatus::NotEnforced => without(mode),
            _ => Ok(()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn restrict(&self, mode: SandboxMode) -> io::Result<()> {
        without(mode)
    }
}

/// What happens where there is no Landlock.
fn without(mode: SandboxMode) -> io::Result<()> {
    static WARNED: std::sync::Once = std::sync::Once::new();
    if mode == SandboxMode::Required {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "function_sandbox is 'required', and this kernel has no Landlock",
        ));
    }
    WARNED.call_once(|| {
        tracing::warn!("this kernel has no Landlock: functions can read what the server can, its keys too");
    });
    Ok(())
}
