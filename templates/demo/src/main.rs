//! A small web service that keeps its secret out of the source.
//!
//! `cargo secrets run -- cargo run` starts it with `SERVICE_TOKEN` in its environment.

use std::env;
use std::net::TcpListener;
use std::process::ExitCode;

use secrets_demo::{Error, Token, serve};

/// Where the service listens if `SERVICE_ADDRESS` does not say.
const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Error> {
    // Read once, at the start: a service without its secret should not come up at all.
    let token = Token::from_env()?;
    let address = env::var("SERVICE_ADDRESS").unwrap_or_else(|_| DEFAULT_ADDRESS.to_owned());
    let listener = TcpListener::bind(address)?;
    println!("listening on http://{}", listener.local_addr()?);
    serve(&listener, token)
}
