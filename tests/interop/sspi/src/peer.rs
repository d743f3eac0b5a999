//! One context of the `sspi` crate, driven as its own examples drive it.

use crate::Failure;
use sspi::{
    AuthIdentity, AuthIdentityBuffers, BufferType, ClientRequestFlags, CredentialUse, DataRepresentation,
    EncryptionFlags, Ntlm, SecurityBuffer, SecurityBufferRef, SecurityStatus, ServerRequestFlags, Sspi, SspiImpl,
    Username,
};

const SIGNATURE_SIZE: usize = 16;

pub struct Peer {
    ntlm: Ntlm,
    credentials: Option<AuthIdentityBuffers>,
    is_client: bool,
    requirements: ClientRequestFlags,
    pub complete: bool,
    pub user: Option<String>,
}

impl Peer {
    pub fn new(is_client: bool, username: &str, domain: Option<&str>, password: &str) -> Result<Self, Failure> {
        // An acceptor judges by the password alone and takes the names from message 3.
        let username = Username::new(if username.is_empty() { "anybody" } else { username }, domain)?;
        let identity = AuthIdentity { username, password: password.to_owned().into() };
        let mut ntlm = Ntlm::new();
        let way = if is_client { CredentialUse::Outbound } else { CredentialUse::Inbound };
        let acquired =
            ntlm.acquire_credentials_handle().with_credential_use(way).with_auth_data(&identity).execute(&mut ntlm)?;
        Ok(Self {
            ntlm,
            credentials: acquired.credentials_handle,
            is_client,
            requirements: ClientRequestFlags::ALLOCATE_MEMORY,
            complete: false,
            user: None,
        })
    }

    pub fn protect(&mut self, sign: bool, seal: bool) {
        self.requirements.set(ClientRequestFlags::INTEGRITY, sign);
        self.requirements.set(ClientRequestFlags::CONFIDENTIALITY, seal);
    }

    /// Application data, such as `tls-server-end-point:` followed by a hash.
    pub fn bind(&mut self, bindings: &[u8]) {
        self.ntlm.set_channel_bindings(bindings);
    }

    pub fn step(&mut self, token: Vec<u8>) -> Result<Option<Vec<u8>>, Failure> {
        let mut input = [SecurityBuffer::new(token, BufferType::Token)];
        let mut output = vec![SecurityBuffer::new(Vec::new(), BufferType::Token)];
        let status = if self.is_client {
            let mut builder = self
                .ntlm
                .initialize_security_context()
                .with_credentials_handle(&mut self.credentials)
                .with_context_requirements(self.requirements)
                .with_target_data_representation(DataRepresentation::Native)
                .with_target_name("HTTP/acceptor.corplab.example")
                .with_input(&mut input)
                .with_output(&mut output);
            self.ntlm.initialize_security_context_impl(&mut builder)?.resolve_to_result()?.status
        } else {
            let builder = self
                .ntlm
                .accept_security_context()
                .with_credentials_handle(&mut self.credentials)
                .with_context_requirements(ServerRequestFlags::ALLOCATE_MEMORY)
                .with_target_data_representation(DataRepresentation::Native)
                .with_input(&mut input)
                .with_output(&mut output);
            self.ntlm.accept_security_context_impl(builder)?.resolve_to_result()?.status
        };
        if matches!(status, SecurityStatus::CompleteAndContinue | SecurityStatus::CompleteNeeded) {
            self.ntlm.complete_auth_token(&mut output)?;
        }
        self.complete = !matches!(status, SecurityStatus::CompleteAndContinue | SecurityStatus::ContinueNeeded);
        if self.complete && !self.is_client {
            self.user = Some(self.ntlm.query_context_names()?.username.account_name().to_owned());
        }
        Ok(output.pop().map(|token| token.buffer).filter(|token| !token.is_empty()))
    }

    /// The signature, then the message.
    pub fn wrap(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let (mut signature, mut data) = (vec![0; SIGNATURE_SIZE], message.to_vec());
        let mut buffers = [SecurityBufferRef::token_buf(&mut signature), SecurityBufferRef::data_buf(&mut data)];
        self.ntlm.encrypt_message(EncryptionFlags::empty(), &mut buffers)?;
        Ok([signature, data].concat())
    }

    pub fn unwrap(&mut self, wrapped: &[u8]) -> Result<Vec<u8>, Failure> {
        let (signature, body) = wrapped.split_at_checked(SIGNATURE_SIZE).ok_or("shorter than a signature")?;
        let (mut signature, mut data) = (signature.to_vec(), body.to_vec());
        let mut buffers = [SecurityBufferRef::token_buf(&mut signature), SecurityBufferRef::data_buf(&mut data)];
        self.ntlm.decrypt_message(&mut buffers)?;
        Ok(data)
    }

    pub fn key(&self) -> Result<Vec<u8>, Failure> {
        Ok(self.ntlm.query_context_session_key()?.session_key.as_ref().clone())
    }
}
