//! The owner of a TCP socket on this machine, from the kernel's socket diagnostics (sock_diag(7)).

use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with};

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const IPPROTO_TCP: u8 = 6;
/// TCP socket states in which no process owns the socket, or in which it is not connected.
const TIME_WAIT: u8 = 6;
const LISTEN: u8 = 10;
const NEW_SYN_RECV: u8 = 12;

const HEADER: usize = 16;
const REQUEST: usize = HEADER + 56;
/// `inet_diag_msg`, after the header: family, state, timer, retransmissions, ports and addresses, …
const STATE: usize = HEADER + 1;
const PORTS: usize = HEADER + 4;
const UID: usize = HEADER + 64;
const INODE: usize = HEADER + 68;

/// Returns the user ID that created the socket at `peer`, which is connected to the socket at `local`. Returns `None` if there is
/// no such socket, or if its process has closed it: the kernel reports user 0 for those.
pub fn find(peer: SocketAddr, local: SocketAddr) -> Option<u32> {
    let request = request(peer, local)?;
    let diag = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, SocketFlags::CLOEXEC, Some(SOCK_DIAG)).ok()?;
    sendto(&diag, &request, SendFlags::empty(), &SocketAddrNetlink::new(0, 0)).ok()?;
    let mut answer = [0; 512];
    let (_, length) = recv(&diag, &mut answer[..], RecvFlags::empty()).ok()?;
    owner(answer.get(..length)?, peer, local)
}

/// Encodes `nlmsghdr` and `inet_diag_req_v2` for the socket with exactly these two ends.
fn request(peer: SocketAddr, local: SocketAddr) -> Option<Vec<u8>> {
    let (family, source, destination) = match (peer.ip().to_canonical(), local.ip().to_canonical()) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => (2, padded(source.octets()), padded(destination.octets())),
        (IpAddr::V6(source), IpAddr::V6(destination)) => (10, source.octets(), destination.octets()),
        _ => return None,
    };
    let mut bytes = Vec::with_capacity(REQUEST);
    bytes.extend(u32::try_from(REQUEST).ok()?.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([family, IPPROTO_TCP, 0, 0]);
    bytes.extend(u32::MAX.to_ne_bytes());
    bytes.extend(peer.port().to_be_bytes());
    bytes.extend(local.port().to_be_bytes());
    bytes.extend(source);
    bytes.extend(destination);
    bytes.extend([0; 4]);
    // No cookie.
    bytes.extend([0xff; 8]);
    Some(bytes)
}

fn padded(address: [u8; 4]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (byte, value) in bytes.iter_mut().zip(address) {
        *byte = value;
    }
    bytes
}

/// Decodes the reply. The kernel may also find a listening socket at the port of `peer`, whose owner differs.
fn owner(answer: &[u8], peer: SocketAddr, local: SocketAddr) -> Option<u32> {
    let number = |at: usize| Some(u32::from_ne_bytes(answer.get(at..at + 4)?.try_into().ok()?));
    let port = |at: usize| Some(u16::from_be_bytes(answer.get(at..at + 2)?.try_into().ok()?));
    let kind = u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?);
    let state = *answer.get(STATE)?;
    let connected = !matches!(state, TIME_WAIT | LISTEN | NEW_SYN_RECV);
    let same = port(PORTS)? == peer.port() && port(PORTS + 2)? == local.port();
    if kind != SOCK_DIAG_BY_FAMILY || !connected || !same || number(INODE)? == 0 {
        return None;
    }
    number(UID)
}

#[cfg(test)]
mod tests {
    use super::find;
    use core::net::SocketAddr;
    use std::net::{TcpListener, TcpStream};

    /// Returns this process's user ID, from the only source in the standard library.
    fn own() -> u32 {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata("/proc/self").unwrap().uid()
    }

    fn connected(address: &str) -> (TcpListener, TcpStream, TcpStream) {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let client = TcpStream::connect((address, listener.local_addr().unwrap().port())).unwrap();
        let (server, _) = listener.accept().unwrap();
        (listener, client, server)
    }

    fn ends(server: &TcpStream) -> (SocketAddr, SocketAddr) {
        (server.peer_addr().unwrap(), server.local_addr().unwrap())
    }

    #[test]
    fn the_owner_of_a_connected_socket_is_this_user() {
        for address in ["127.0.0.1", "::1"] {
            let (_listener, _client, server) = connected(address);
            let (peer, local) = ends(&server);
            assert_eq!(find(peer, local), Some(own()), "{address}");
        }
    }

    #[test]
    fn an_ipv4_caller_of_an_ipv6_listener_is_found() {
        let listener = TcpListener::bind("[::]:0").unwrap();
        let _client = TcpStream::connect(("127.0.0.1", listener.local_addr().unwrap().port())).unwrap();
        let (server, _) = listener.accept().unwrap();
        let (peer, local) = ends(&server);
        assert_eq!(find(peer, local), Some(own()));
    }

    #[test]
    fn a_closed_socket_has_no_owner() {
        let (_listener, client, server) = connected("127.0.0.1");
        let (peer, local) = ends(&server);
        drop(client);
        // FIN_WAIT2: the kernel reports user 0 and inode 0.
        assert_eq!(find(peer, local), None);
        drop(server);
        assert_eq!(find(peer, local), None);
    }

    #[test]
    fn a_listener_at_the_port_of_the_peer_is_not_taken_for_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = listener.local_addr().unwrap();
        assert_eq!(find(peer, SocketAddr::from(([127, 0, 0, 1], 9))), None);
    }

    #[test]
    fn ends_of_two_families_are_no_connection() {
        assert_eq!(find("127.0.0.1:1".parse().unwrap(), "[::1]:2".parse().unwrap()), None);
    }
}
