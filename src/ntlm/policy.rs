//! The rules by which a server accepts clients.

use crate::ntlm::response::NtlmVersion;
use crate::wire::text::Text;
use alloc::vec::Vec;

/// The server's handling of channel bindings (extended protection for authentication).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelBindingPolicy {
    /// Ignore channel bindings.
    Off,
    /// Reject an incorrect binding; a binding of zeros counts as one.
    #[default]
    IfPresent,
    /// Reject clients without the correct binding.
    Required,
}

/// The acceptance rules. The default suits a current server.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The hash of this TLS channel; `None` if the connection has none.
    pub channel_bindings: Option<[u8; 16]>,
    /// The handling of channel bindings.
    pub channel_binding_policy: ChannelBindingPolicy,
    /// Reject clients that send no message integrity code, even if they did not announce one.
    pub require_mic: bool,
    /// The oldest kind of response to accept.
    pub minimum_version: NtlmVersion,
    /// Accept clients without credentials.
    pub allow_anonymous: bool,
    /// The service principal names of this server, compared without case; if empty, all names are accepted.
    pub target_names: Vec<Text>,
    /// The maximum time between challenge and response, in seconds.
    pub challenge_lifetime_seconds: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            channel_bindings: None,
            channel_binding_policy: ChannelBindingPolicy::default(),
            require_mic: false,
            minimum_version: NtlmVersion::V2,
            allow_anonymous: false,
            target_names: Vec::new(),
            challenge_lifetime_seconds: 300,
        }
    }
}
