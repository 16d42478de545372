//! Talks to the running service with the real token: `cargo secrets run -- cargo test`.

use std::env;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use secrets_demo::{TOKEN_VARIABLE, Token, serve};

#[test]
fn the_report_is_for_those_who_know_the_token() -> io::Result<()> {
    let Ok(token) = Token::from_env() else {
        panic!("{TOKEN_VARIABLE} is not set: run `cargo secrets run -- cargo test`");
    };
    // Read apart from what the service expects: `Token` does not give its value away.
    let right = env::var(TOKEN_VARIABLE).unwrap_or_default();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let service = listener.local_addr()?;
    thread::spawn(move || serve(&listener, token));

    assert_eq!(get(service, "/health", None)?, "200");
    assert_eq!(get(service, "/report", None)?, "401");
    assert_eq!(get(service, "/report", Some("wrong"))?, "401");
    assert_eq!(get(service, "/report", Some(&right))?, "200");
    Ok(())
}

/// The status code of a `GET`.
fn get(service: SocketAddr, path: &str, bearer: Option<&str>) -> io::Result<String> {
    let authorization = bearer
        .map(|token| format!("Authorization: Bearer {token}\r\n"))
        .unwrap_or_default();
    let mut stream = TcpStream::connect(service)?;
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nHost: {service}\r\n{authorization}\r\n").as_bytes(),
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    Ok(response.split(' ').nth(1).unwrap_or_default().to_owned())
}
