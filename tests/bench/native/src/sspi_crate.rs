//! The `sspi` crate, used as its own example uses it: credentials, message 1, message 3.

use crate::{Contender, Failure, Task};
use sspi::{
    AuthIdentity, BufferType, ClientRequestFlags, CredentialUse, DataRepresentation, Ntlm, SecurityBuffer, Sspi,
    SspiImpl, Username,
};

pub fn contender(task: &Task) -> Result<Contender, Failure> {
    let identity = AuthIdentity {
        username: Username::new(&task.username, Some(&task.domain))?,
        password: task.password.clone().into(),
    };
    let messages = handshake(&identity, &task.challenge)?;
    let challenge = task.challenge.clone();
    let work = move || handshake(&identity, &challenge).ok().and_then(|[_, last]| last.last().copied()).unwrap_or(0);
    Ok(Contender { messages: Some(messages), cases: vec![("message 1 and 3, bytes", Box::new(work))] })
}

fn handshake(identity: &AuthIdentity, challenge: &[u8]) -> Result<[Vec<u8>; 2], Failure> {
    let mut ntlm = Ntlm::new();
    let mut credentials = ntlm
        .acquire_credentials_handle()
        .with_credential_use(CredentialUse::Outbound)
        .with_auth_data(identity)
        .execute(&mut ntlm)?;
    let first = step(&mut ntlm, &mut credentials.credentials_handle, Vec::new())?;
    let last = step(&mut ntlm, &mut credentials.credentials_handle, challenge.to_vec())?;
    Ok([first, last])
}

type Credentials = <Ntlm as SspiImpl>::CredentialsHandle;

fn step(ntlm: &mut Ntlm, credentials: &mut Credentials, received: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let mut input = [SecurityBuffer::new(received, BufferType::Token)];
    let mut output = vec![SecurityBuffer::new(Vec::new(), BufferType::Token)];
    let mut builder = ntlm
        .initialize_security_context()
        .with_credentials_handle(credentials)
        .with_context_requirements(ClientRequestFlags::ALLOCATE_MEMORY)
        .with_target_data_representation(DataRepresentation::Native)
        .with_target_name("HTTP/proxy01.corplab.example")
        .with_input(&mut input)
        .with_output(&mut output);
    ntlm.initialize_security_context_impl(&mut builder)?.resolve_to_result()?;
    Ok(output.remove(0).buffer)
}
