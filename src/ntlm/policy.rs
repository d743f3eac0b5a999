//! What a server accepts.

use crate::ntlm::response::NtlmVersion;
use crate::wire::text::Text;
use alloc::vec::Vec;

/// What a server does about channel bindings (extended protection for authentication).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelBindingPolicy {
    /// Does not look.
    Off,
    /// Refuses a binding that is wrong; a binding of zeros is one.
    #[default]
    IfPresent,
    /// Refuses a client without the right binding.
    Required,
}

/// The rules of acceptance. The default is what is right for a server of today.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The hash that stands for this TLS channel; `None` where the connection has none.
    pub channel_bindings: Option<[u8; 16]>,
    /// What to do about it.
    pub channel_binding_policy: ChannelBindingPolicy,
    /// Refuse clients that send no message integrity code, even if they did not announce one.
    pub require_mic: bool,
    /// The oldest kind of response to accept.
    pub minimum_version: NtlmVersion,
    /// Accept clients without credentials.
    pub allow_anonymous: bool,
    /// The service principal names of this server, compared without case; when empty, any is right.
    pub target_names: Vec<Text>,
    /// How long a challenge may take to be answered, in seconds.
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
