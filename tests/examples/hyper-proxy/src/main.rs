//! Fetches a page with hyper through a proxy that asks for NTLM or Negotiate:
//!
//! ```text
//! cargo run -- 127.0.0.1:3128 http://intranet.corp.example/ 'CORP\alice' Password
//! ```
//!
//! NTLM authenticates a connection, so all legs of the handshake and the requests after it use the same one.

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use ntlm_wasm::env::Env;
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::http::authenticator::{self, Authenticator, Header, Next, Scheme, Side};
use ntlm_wasm::mechanism::{Mechanism, NtlmMechanism};
use ntlm_wasm::ntlm::client::{Client, ClientConfig};
use ntlm_wasm::spnego::client::SpnegoClient;
use ntlm_wasm::wire::filetime::FileTime;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::net::TcpStream;

type AnyError = Box<dyn std::error::Error + Send + Sync>;
type Connection = SendRequest<Empty<Bytes>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [proxy, url, username, password] = &arguments[..] else {
        return Err("usage: PROXY URL USERNAME PASSWORD".into());
    };
    let client = Arc::new(Client::new(ClientConfig::with_password(username, password)));
    let response = fetch(proxy, &url.parse()?, authenticator(client)).await?;
    eprintln!("{}", response.status());
    print!("{}", String::from_utf8_lossy(&response.into_body().collect().await?.to_bytes()));
    Ok(())
}

fn authenticator(client: Arc<Client>) -> Authenticator {
    let factory = move |scheme| match scheme {
        Scheme::Ntlm => Box::new(NtlmMechanism::new(Arc::clone(&client))) as Box<dyn Mechanism>,
        Scheme::Negotiate => Box::new(SpnegoClient::new(Arc::clone(&client))),
    };
    Authenticator::new(Side::Proxy, vec![Scheme::Ntlm, Scheme::Negotiate], Box::new(factory))
}

/// Sends the request until the authenticator accepts the response. The future is `Send`: it can be spawned on any runtime.
async fn fetch(proxy: &str, url: &Uri, mut authenticator: Authenticator) -> Result<Response<Incoming>, AnyError> {
    let mut connection = connect(proxy).await?;
    let mut header: Option<Header> = None;
    loop {
        let mut request = Request::get(url).header(HOST, url.authority().map_or("", |authority| authority.as_str()));
        if let Some(header) = &header {
            request = request.header(PROXY_AUTHORIZATION, header.value());
        }
        let response = connection.send_request(request.body(Empty::new())?).await?;
        match decide(&mut authenticator, &response)? {
            Next::Deliver => return Ok(response),
            Next::Send { header: next, .. } => {
                response.into_body().collect().await?;
                connection.ready().await?;
                header = Some(next);
            }
            Next::Reconnect { header: next } => {
                connection = connect(proxy).await?;
                header = Some(next);
            }
        }
    }
}

fn decide(authenticator: &mut Authenticator, response: &Response<Incoming>) -> Result<Next, Error> {
    let challenges: Vec<_> = response.headers().get_all(PROXY_AUTHENTICATE).iter().map(|value| value.as_bytes()).collect();
    let closes = response.headers().get("connection").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
    let response =
        authenticator::Response { status: response.status().as_u16(), challenges: &challenges, keep_alive: !closes };
    let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| ErrorKind::NoRandomness.into());
    authenticator.next(&response, &mut Env { now: FileTime::from(SystemTime::now()), random: &mut random })
}

async fn connect(proxy: &str) -> Result<Connection, AnyError> {
    let (sender, connection) = handshake(TokioIo::new(TcpStream::connect(proxy).await?)).await?;
    tokio::spawn(connection);
    Ok(sender)
}
