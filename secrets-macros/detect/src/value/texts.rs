//! The texts that values are judged by.

/// Words of values that stand for a secret, whatever else the value holds.
#[rustfmt::skip]
pub(super) const PLACEHOLDERS: &[&[u8]] = &[
    b"example", b"sample", b"placeholder", b"changeme", b"change_me", b"change-me", b"your", b"replace", b"insert",
    b"dummy", b"redacted", b"todo", b"fixme", b"lorem", b"foobar", b"dontuse", b"notreal", b"qwerty", b"letmein",
    b"deadbeef", b"cafebabe", b"swordfish", b"correct-horse", b"username", b"123456789", b"bogus", b"hunter",
    b"wycheproof", b"abcdefgh", b"uuid",
];

/// Words of values that stand for a secret unless the rest is random: `test_4eC39H…` is a token, `test123` none.
#[rustfmt::skip]
pub(super) const COMMON: &[&[u8]] = &[
    b"test", b"demo", b"mock", b"fake", b"password", b"passwd", b"passphrase", b"pass", b"pwd", b"secret", b"token",
    b"apikey", b"api_key", b"api-key", b"invalid", b"wrong", b"passw0rd", b"p@ssw0rd", b"admin", b"default", b"asdf",
    b"insecure", b"localhost", b"guest", b"user", b"foo", b"bar", b"baz", b"hello", b"world", b"abcdef", b"12345",
    b"1234",
];

/// Texts that fill the place of a secret.
#[rustfmt::skip]
pub(super) const FILLERS: &[&[u8]] = &[
    b"xxxx", b"****", b"....", b"00000000", b"aaaaaa",
];

/// Starts of values that are hashes, public keys, images, content identifiers.
#[rustfmt::skip]
pub(super) const HARMLESS_STARTS: &[&[u8]] = &[
    b"sha1:", b"sha256:", b"sha512:", b"sha1-", b"sha256-", b"sha384-", b"sha512-", b"md5:", b"$2a$", b"$2b$",
    b"$2y$", b"$argon2", b"$6$", b"$5$", b"$1$", b"$pbkdf2", b"$scrypt", b"pbkdf2", b"ssh-", b"ecdsa-",
    b"AAAAB3NzaC1", b"AAAAC3NzaC1", b"AAAAE2VjZHNh", b"age1", b"MIIBIj", b"MIICIj", b"MIGfMA0", b"MFkwEw",
    b"MCowBQYDK2Vw", b"MHYwEA", b"MIGbMBAG", b"MIIC", b"MIID", b"MIIE", b"MIIF", b"MIIB", b"data:", b"iVBORw0KGgo",
    b"/9j/", b"R0lGOD", b"PHN2Zy", b"PD94bWw", b"bafy", b"bafk", b"Qm", b"12D3KooW", b"http://", b"https://", b"urn:",
    b"arn:", b"W/\"", b"rgba", b"projects/", b"did:", b"SCRAM-", b"spiffe:", b"0x", b"xpub", b"tpub", b"TVqQ",
    b"UEsDB", b"H4sI", b"T2dnU", b"/dns", b"/ip4",
];

/// Ends of values that are file names.
#[rustfmt::skip]
pub(super) const FILE_ENDS: &[&[u8]] = &[
    b".pem", b".key", b".json", b".rs", b".txt", b".toml", b".yaml", b".yml", b".html", b".js", b".ts", b".css",
    b".png", b".svg", b".crt", b".cert", b".der", b".bin", b".md", b".com", b".org", b".net", b".io", b".local",
    b".internal", b".dev", b".so", b".zip", b".gz", b".tgz", b".exe", b".dll", b".proto", b".xml", b".csv", b".sql",
    b".env", b".cer", b".p8", b".p12", b".pfx", b".jks", b".log", b".age", b".pgp", b".asc", b".gpg", b".sig",
    b".crl", b".csr", b".p7b", b"aws4_request",
];
