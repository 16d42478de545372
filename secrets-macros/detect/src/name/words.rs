//! The words that names are judged by.

/// Words that say credential even of a value in hexadecimal that is decoded on the spot.
#[rustfmt::skip]
pub(super) const PLAIN: &[&[u8]] = &[
    b"secret", b"private", b"api", b"access", b"auth", b"password", b"master", b"apikey",
];

/// Words of names that a provider's format may go with, though they say no secret by themselves.
#[rustfmt::skip]
pub(super) const IDENTIFIERS: &[&[u8]] = &[
    b"sid", b"dsn", b"webhook", b"session", b"cookie", b"license", b"id", b"app", b"salt", b"sign", b"signature",
    b"hmac", b"client", b"account", b"login", b"private", b"access",
];

/// Words that say nothing at the end of a name: `API_KEY_B64`, `token2`, `secret_value`.
#[rustfmt::skip]
pub(super) const TRAILERS: &[&[u8]] = &[
    b"b64", b"base64", b"hex", b"str", b"string", b"value", b"val", b"bytes", b"raw", b"literal", b"default", b"prod",
    b"production", b"dev", b"staging", b"live", b"test", b"sandbox", b"encoded", b"plain", b"plaintext", b"env",
    b"here", b"text", b"new", b"old", b"current", b"base",
];

/// Words that make a name harmless wherever they stand.
#[rustfmt::skip]
pub(super) const NEUTRAL: &[&[u8]] = &[
    b"public", b"pub", b"publishable", b"hash", b"hashed", b"digest", b"checksum", b"fingerprint", b"thumbprint",
    b"nonce", b"regex", b"pattern", b"example", b"placeholder", b"dummy", b"fake", b"mock", b"csrf", b"xsrf", b"etag",
    b"invalid", b"wrong", b"bad", b"bogus", b"ciphertext", b"encrypted", b"wrapped", b"expected", b"vector",
    b"vectors", b"pubkey", b"websocket", b"compressed", b"uncompressed", b"malformed", b"repeated", b"parsed",
    b"verifying", b"verification", b"exp", b"expanded", b"round", b"challenge", b"acme",
];

/// Passwords.
#[rustfmt::skip]
pub(super) const PASSWORDS: &[&[u8]] = &[
    b"password", b"passwords", b"passwd", b"passphrase", b"passcode", b"pwd", b"pw", b"pass", b"psw", b"passwort",
    b"userpass", b"dbpass", b"pword", b"pswd",
];

/// Ends of words that say password where words are written together: `adminpassword`.
#[rustfmt::skip]
pub(super) const PASSWORD_ENDS: &[&[u8]] = &[
    b"password", b"passwd", b"passphrase", b"dbpwd", b"userpwd",
];

/// Credentials by themselves.
#[rustfmt::skip]
pub(super) const CREDENTIALS: &[&[u8]] = &[
    b"secret", b"secrets", b"token", b"tokens", b"apikey", b"apikeys", b"credential", b"credentials", b"creds",
    b"cred", b"authorization", b"bearer", b"jwt", b"pat", b"authkey", b"accesskey", b"secretkey", b"privatekey",
    b"masterkey", b"signingkey", b"encryptionkey", b"auth", b"authentication", b"sas", b"otp", b"totp",
];

/// Ends of words that say credential where words are written together: `clientsecret`.
#[rustfmt::skip]
pub(super) const CREDENTIAL_ENDS: &[&[u8]] = &[
    b"secret", b"token", b"apikey", b"secretkey", b"accesskey", b"authkey", b"privatekey",
];

/// What makes a `key` a credential.
#[rustfmt::skip]
pub(super) const KEY_OF: &[&[u8]] = &[
    b"api", b"access", b"secret", b"private", b"auth", b"authentication", b"encryption", b"signing", b"sign",
    b"master", b"app", b"application", b"client", b"account", b"admin", b"service", b"license", b"shared", b"hmac",
    b"jwt", b"session", b"storage", b"subscription", b"consumer", b"integration", b"deploy", b"webhook", b"server",
    b"ingest", b"ingestion", b"insert", b"aes", b"rest", b"live", b"root", b"decryption", b"cipher", b"cookie",
    b"security", b"personal", b"preshared", b"psk", b"wireguard", b"rpc", b"user",
];

/// What makes `keys` and `tokens` credentials: others are test vectors, words of a language, rows.
#[rustfmt::skip]
pub(super) const PLURALS_OF: &[&[u8]] = &[
    b"api", b"access", b"secret", b"auth", b"bearer", b"refresh", b"session", b"id", b"private",
];

/// What makes `pass` a password and not a test that passes.
#[rustfmt::skip]
pub(super) const PASS_OF: &[&[u8]] = &[
    b"db", b"database", b"user", b"smtp", b"admin", b"root", b"mysql", b"postgres", b"pg", b"ftp", b"sftp", b"mail",
    b"email", b"login", b"my", b"basic", b"auth", b"http", b"proxy", b"redis", b"guest", b"app", b"account", b"imap",
    b"ldap", b"mqtt", b"amqp", b"rabbitmq", b"mongo", b"wifi", b"ssh", b"key", b"private", b"master", b"service",
    b"server", b"sql", b"rpc",
];

/// What makes a `key` a name of something else: of a row, a translation, a keyboard.
#[rustfmt::skip]
pub(super) const HARMLESS_KEY_OF: &[&[u8]] = &[
    b"primary", b"foreign", b"partition", b"sort", b"cache", b"map", b"row", b"group", b"lookup", b"object", b"index",
    b"i18n", b"translation", b"hot", b"keyboard", b"bind", b"binding", b"arrow", b"json", b"dict", b"dictionary",
    b"config", b"metadata", b"header", b"query", b"param", b"registry", b"lock", b"idempotency", b"routing",
    b"unique", b"composite", b"tree", b"node", b"dedup", b"event", b"message", b"entry", b"attribute", b"attr",
    b"property", b"setting", b"option", b"tag", b"label", b"field", b"column", b"table", b"bucket", b"s3", b"verify",
    b"verifying", b"verification", b"peer", b"identity", b"issue", b"project", b"host", b"known", b"range", b"min",
    b"max", b"first", b"last", b"left", b"right", b"next", b"prev", b"this", b"the", b"a", b"my", b"some", b"other",
    b"same", b"any", b"each", b"test", b"expected", b"sec", b"websocket", b"kms", b"curve", b"vk", b"g1", b"g2",
    b"block", b"leaf", b"state", b"data", b"db", b"content", b"file", b"path", b"blob", b"sentry", b"sub", b"ssh",
    b"gpg", b"pgp", b"recipient", b"remote", b"their", b"other", b"ephemeral",
];

/// What makes a `token` a place in a list or a piece of a language.
#[rustfmt::skip]
pub(super) const HARMLESS_TOKEN_OF: &[&[u8]] = &[
    b"next", b"page", b"continuation", b"cursor", b"resume", b"sync", b"pagination", b"start", b"end", b"lexer",
    b"cancel", b"cancellation", b"eos", b"bos", b"pad", b"unk", b"mask", b"special", b"stop", b"string", b"ident",
    b"keyword", b"first", b"last", b"prev", b"previous", b"sep", b"cls", b"sequence", b"sequencer", b"idempotency",
    b"request", b"forward", b"backward", b"marker", b"upload", b"delimiter", b"separator", b"design", b"erc20",
    b"from", b"into", b"parse", b"assert", b"de", b"ser", b"expect", b"check", b"read", b"write", b"get", b"set",
    b"new", b"some", b"other", b"lex", b"all", b"to", b"nft", b"mint", b"spl",
];
