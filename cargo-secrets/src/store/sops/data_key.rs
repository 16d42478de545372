//! The data key of a file, from the shares its key groups hold.

use zeroize::Zeroizing;

use super::cipher::DataKey;
use super::shamir;
use super::{Document, KeyError, Stanza};
use crate::store::identity;

/// Opens one of the stanzas, if it can: what [`unwrap`] is given.
pub(crate) trait Opener {
    /// The bytes that one of `stanzas` holds; `None` when none of them is for us.
    fn open(&mut self, stanzas: &[Stanza]) -> Result<Option<Zeroizing<Vec<u8>>>, identity::Error>;
}

/// Unwraps the data key of `document`.
pub(crate) fn unwrap(document: &Document<'_>, opener: &mut dyn Opener) -> Result<DataKey, KeyError> {
    let groups = document.groups();
    if let [only] = groups {
        let key = opener.open(&only.age)?.ok_or_else(|| not_recipient(document))?;
        return DataKey::from_bytes(&key).ok_or(KeyError::Damaged);
    }
    let need = document.metadata.threshold;
    let mut shares = Vec::new();
    for group in groups {
        if shares.len() < need
            && let Some(share) = opener.open(&group.age)?
        {
            shares.push(share);
        }
    }
    match shares.len() {
        0 => Err(not_recipient(document)),
        have if have < need => Err(KeyError::Groups { have, need }),
        _ => {
            let key = shamir::combine(&shares).ok_or(KeyError::Damaged)?;
            DataKey::from_bytes(&key).ok_or(KeyError::Damaged)
        }
    }
}

fn not_recipient(document: &Document<'_>) -> KeyError {
    let groups = document.groups().iter();
    let recipients = groups.clone().flat_map(|group| group.age.iter().map(|stanza| stanza.recipient.clone()));
    let foreign = groups.flat_map(|group| group.foreign.iter().cloned());
    KeyError::NotRecipient { recipients: recipients.collect(), foreign: foreign.collect() }
}
