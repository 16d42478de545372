//! Who one is: one's own public key, and the name that others would give it.

use crate::context::Context;
use crate::error::Error;
use crate::store::identity;

/// Our own age key; made where there is none. An SSH key serves where it was named on purpose.
pub(super) fn own_key(context: &Context) -> Result<String, Error> {
    let mut keyring = context.keyring();
    let keys = keyring.public_keys();
    context.report(&mut keyring);
    let keys = keys?;
    let mut public = keys.iter().filter_map(|(_, public)| public.clone());
    let named = context.identities.is_explicit();
    if let Some(key) = public.find(|key| named || key.starts_with("age1")) {
        return Ok(key);
    }
    let path = identity::default_path(&context.identities)?;
    let key = identity::create(&path)?;
    context.shell.status("Created", format_args!("your identity {} (keep a copy of it safe)", path.display()));
    Ok(key)
}

/// A name for ourselves in the table of recipients.
pub(super) fn recipient_name() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
    let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
    let name: String = user.chars().filter(fits).collect::<String>().to_ascii_lowercase();
    if name.is_empty() { "me".to_owned() } else { name }
}
