//! A tiny HTTP/1.1 service: `GET /health` for everyone, `GET /report` for who knows the token.
//!
//! It uses the standard library only, so that there is nothing to see but how a secret is handled:
//!
//! - it comes from the environment and has no default;
//! - it is a type of its own, which never shows its value;
//! - it is compared in constant time, and no answer or message repeats what was sent.

use std::fmt;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// The variable that holds the token.
pub const TOKEN_VARIABLE: &str = "SERVICE_TOKEN";

/// The longest request head that is read.
const MAX_HEAD: u64 = 8 * 1024;

/// How long a client may be silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the service does not start or stops.
#[derive(Debug)]
pub enum Error {
    /// The variable is not set, is empty, or is not UTF-8.
    MissingToken,
    /// The network failed.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingToken => write!(
                f,
                "{TOKEN_VARIABLE} is not set: start me with `cargo secrets run -- cargo run`"
            ),
            Self::Io(error) => write!(f, "network: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The secret that opens `/report`.
pub struct Token(String);

impl Token {
    /// Reads the token from the environment.
    ///
    /// # Errors
    ///
    /// [`Error::MissingToken`] if there is none. What the variable holds is not part of the error.
    pub fn from_env() -> Result<Self, Error> {
        match std::env::var(TOKEN_VARIABLE) {
            Ok(value) if !value.is_empty() => Ok(Self(value)),
            _ => Err(Error::MissingToken),
        }
    }

    /// Whether `candidate` is the token. How long that takes depends on the length of `candidate`
    /// only, so that nobody can find the token byte by byte with a clock.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        let expected = self.0.bytes().cycle();
        let difference = candidate
            .bytes()
            .zip(expected)
            .fold(0, |sum, (a, b)| black_box(sum | (a ^ b)));
        difference == 0 && candidate.len() == self.0.len()
    }
}

/// Shows that there is a token, never which.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([REDACTED])")
    }
}

/// Answers requests, one thread each, until accepting fails.
///
/// # Errors
///
/// [`Error::Io`] if `listener` accepts no more. A client that misbehaves only loses its own
/// connection.
pub fn serve(listener: &TcpListener, token: Token) -> Result<(), Error> {
    let token = Arc::new(token);
    for stream in listener.incoming() {
        let stream = stream?;
        let token = Arc::clone(&token);
        thread::spawn(move || answer(&stream, &token));
    }
    Ok(())
}

/// Reads one request and writes its response.
fn answer(mut stream: &TcpStream, token: &Token) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let response = match Request::read(stream)? {
        Some(request) => respond(&request, token),
        None => Response {
            status: "400 Bad Request",
            body: "not an HTTP request\n",
        },
    };
    response.write(&mut stream)
}

/// Decides what a request gets.
fn respond(request: &Request, token: &Token) -> Response {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/health") => Response {
            status: "200 OK",
            body: "healthy\n",
        },
        ("GET", "/report")
            if request
                .bearer
                .as_deref()
                .is_some_and(|bearer| token.matches(bearer)) =>
        {
            Response {
                status: "200 OK",
                body: "all systems nominal\n",
            }
        }
        ("GET", "/report") => Response {
            status: "401 Unauthorized",
            body: "a bearer token is needed\n",
        },
        _ => Response {
            status: "404 Not Found",
            body: "no such page\n",
        },
    }
}

/// What the service needs to know of a request. No `Debug`: it holds what a client sent as its
/// token.
struct Request {
    method: String,
    path: String,
    bearer: Option<String>,
}

impl Request {
    /// Reads the head of a request; `None` if it is not one. There is no body: the service knows
    /// `GET` only.
    fn read(stream: impl Read) -> io::Result<Option<Self>> {
        let mut lines = BufReader::new(stream.take(MAX_HEAD)).lines();
        let Some(first) = lines.next().transpose()? else {
            return Ok(None);
        };
        let mut words = first.split(' ');
        let (Some(method), Some(path), Some("HTTP/1.1")) =
            (words.next(), words.next(), words.next())
        else {
            return Ok(None);
        };
        let mut request = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            bearer: None,
        };
        for line in lines {
            let line = line?;
            if line.is_empty() {
                return Ok(Some(request));
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("authorization")
            {
                request.bearer = value.trim().strip_prefix("Bearer ").map(str::to_owned);
            }
        }
        Ok(None)
    }
}

/// A response; its texts are fixed, so it can repeat nothing that was sent.
struct Response {
    status: &'static str,
    body: &'static str,
}

impl Response {
    fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let Self { status, body } = self;
        let challenge = if status.starts_with("401") {
            "WWW-Authenticate: Bearer\r\n"
        } else {
            ""
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\n{challenge}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_matches() {
        let token = Token("abcabc".to_owned());
        assert!(token.matches("abcabc"));
        for wrong in ["", "abc", "abcabd", "abcabcabc", "ABCABC"] {
            assert!(!token.matches(wrong), "{wrong}");
        }
    }

    #[test]
    fn debug_does_not_show_the_token() {
        assert_eq!(
            format!("{:?}", Token("abcabc".to_owned())),
            "Token([REDACTED])"
        );
    }

    #[test]
    fn a_request_without_an_end_is_refused() {
        assert!(
            Request::read(&b"GET /health HTTP/1.1\r\nHost: x\r\n"[..])
                .unwrap()
                .is_none()
        );
        assert!(Request::read(&b"hello\r\n\r\n"[..]).unwrap().is_none());
    }
}
