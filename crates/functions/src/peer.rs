//! Whose a connection from this machine is.
//!
//! Owns the question whether a process, or one that it started, is at the other end of a connection to a loopback port:
//! a port is open to everybody on the machine, other functions among them. Refuses to believe anything but the kernel.

use std::collections::{HashMap, HashSet};
use std::net::{SocketAddr, SocketAddrV4};
use std::path::Path;

/// Whether `process` or one of those below it holds the other end of a connection.
///
/// Where there is no `/proc` of processes (not Linux) everybody is believed.
pub(crate) fn is_of(process: u32, ours: SocketAddr, theirs: SocketAddr) -> std::io::Result<bool> {
    if !cfg!(target_os = "linux") {
        return Ok(true);
    }
    let (SocketAddr::V4(ours), SocketAddr::V4(theirs)) = (ours, theirs) else { return Ok(false) };
    let connections = std::fs::read_to_string("/proc/net/tcp")?;
    let Some(inode) = inode_of(&connections, theirs, ours) else { return Ok(false) };
    let link = format!("socket:[{inode}]");
    // Most workers call for themselves: only for others is every process of the machine looked at.
    Ok(holds(process, &link) || with_descendants(process)?.into_iter().any(|process| holds(process, &link)))
}

/// The socket whose own end is `local` and whose other end is `remote`.
fn inode_of(connections: &str, local: SocketAddrV4, remote: SocketAddrV4) -> Option<&str> {
    let (local, remote) = (written(local), written(remote));
    connections.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let is_it = fields.next()? == local && fields.next()? == remote;
        // After the two addresses: state, queues, timer, retransmissions, user, timeout.
        fields.nth(6).filter(|_| is_it)
    })
}

/// An address as the kernel writes it: the number as it lies in memory, then the port.
fn written(address: SocketAddrV4) -> String {
    format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port())
}

/// A process and all that it started, and these, as far as their parents are still there.
fn with_descendants(process: u32) -> std::io::Result<HashSet<u32>> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let entry = entry?;
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = parent_of(&entry.path()) {
            children.entry(parent).or_default().push(id);
        }
    }
    let (mut found, mut left) = (HashSet::new(), vec![process]);
    while let Some(id) = left.pop() {
        if found.insert(id) {
            left.extend(children.remove(&id).unwrap_or_default());
        }
    }
    Ok(found)
}

fn parent_of(process: &Path) -> Option<u32> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    // The name is in parentheses and may hold some, too; the state follows it, and then the parent.
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn holds(process: u32, link: &str) -> bool {
    let Ok(files) = std::fs::read_dir(format!("/proc/{process}/fd")) else { return false };
    files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == link))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_belongs_to_the_process_that_made_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = listener.local_addr().unwrap();
        let connected = TcpStream::connect(ours).unwrap();
        let theirs = connected.local_addr().unwrap();
        assert!(is_of(std::process::id(), ours, theirs).unwrap());
        let mut other =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        assert!(!is_of(other.id(), ours, theirs).unwrap());
        let parent = rustix::process::getppid().unwrap().as_raw_nonzero().get();
        assert!(is_of(u32::try_from(parent).unwrap(), ours, theirs).unwrap(), "what it started is its own");
        drop(other.stdin.take());
        other.wait().unwrap();
    }

    #[test]
    fn a_connection_that_is_not_there_belongs_to_nobody() {
        let none = "127.0.0.1:1".parse().unwrap();
        assert!(!is_of(std::process::id(), none, none).unwrap());
    }
}
