//! The project's key: pseudonyms and row hashes are made with it, and nothing is ingested without it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use virta_model::ClientId;
use zeroize::Zeroizing;

use crate::error::{At, Error, Result};
use crate::rows::siphash::SipKey;

/// A 256-bit project key. Its bytes are wiped from memory when it is dropped.
pub struct ProjectKey {
    bytes: Zeroizing<[u8; 32]>,
    /// Where it was read from, for errors.
    path: PathBuf,
}

impl fmt::Debug for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProjectKey({})", self.id())
    }
}

impl ProjectKey {
    /// A key from its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        ProjectKey { bytes: Zeroizing::new(bytes), path: PathBuf::from("-") }
    }

    /// Reads a key file: 64 hexadecimal digits. On Unix nobody but its owner may have any right to it.
    ///
    /// # Errors
    /// A file that does not exist, that others than its owner may read or write, or that is not 64 hexadecimal digits; with
    /// what to do about it.
    pub fn load(path: &Path) -> Result<Self> {
        Self::read(
            path,
            "it does not exist, and without the store's key nothing can be ingested",
            "put the key file back from where it is kept, or name it with --key; a lost key cannot be replaced, since \
             every client_id was made with it",
        )
    }

    /// Reads the secret that machines share, which is a file like a key's and may be a store's key, since what is shown to
    /// other machines does not give it away.
    ///
    /// # Errors
    /// Those of [`ProjectKey::load`].
    pub fn load_secret(path: &Path) -> Result<Self> {
        Self::read(
            path,
            "it does not exist, and machines that work together share a secret",
            "make it once with virta worker --new-secret FILE, and copy it to every machine",
        )
    }

    fn read(path: &Path, missing: &str, fix: &str) -> Result<Self> {
        let refuse = |message: &str, fix: &str| {
            Err(Error::Key { path: path.to_owned(), message: message.to_owned(), fix: fix.to_owned() })
        };
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return refuse(missing, fix),
            Err(error) => return Err(error).at("open", path),
        };
        if open_to_others(&file, path)? {
            return refuse("others than its owner may read or write it", "chmod 600 the file");
        }
        let mut text = Zeroizing::new([0u8; 256]);
        let length = read_up_to(&mut file, text.as_mut_slice()).at("read", path)?;
        let digits = text.get(..length).unwrap_or_default().trim_ascii();
        match parse_hex(digits) {
            Some(bytes) => Ok(ProjectKey { bytes, path: path.to_owned() }),
            None => refuse(
                "it is not a key: it needs exactly 64 hexadecimal digits",
                "name the right file; virta init makes a key",
            ),
        }
    }

    /// Makes a new key file with mode 0600. An existing file is never overwritten.
    ///
    /// # Errors
    /// A file that exists, and what the disk reports.
    pub fn create(path: &Path) -> Result<Self> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        let random = Path::new("/dev/urandom");
        File::open(random).and_then(|mut file| file.read_exact(bytes.as_mut_slice())).at("read", random)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(path).at("create", path)?;
        let mut text = Zeroizing::new(String::with_capacity(65));
        for byte in bytes.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        text.push('\n');
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        if written.is_err() {
            // Half a key would be in the way of the next try.
            let _ = std::fs::remove_file(path);
        }
        written.at("write", path)?;
        Ok(ProjectKey { bytes, path: path.to_owned() })
    }

    /// The key's id, 16 hexadecimal digits, which the store's settings hold. It does not give the key away.
    pub fn id(&self) -> String {
        self.derive("virta 2026 key id").as_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Refuses a key that is not the store's.
    ///
    /// # Errors
    /// A key whose id is not this one.
    pub fn check(&self, store_key_id: &str) -> Result<()> {
        let id = self.id();
        if id == store_key_id {
            return Ok(());
        }
        Err(Error::Key {
            path: self.path.clone(),
            message: format!("this key has the id {id}, but the store was made with the key {store_key_id}"),
            fix: "use the store's own key. A key cannot be changed in a store: the same person would get a second \
                  client_id. To rotate it, make a new store with the new key and ingest every delivery again"
                .to_owned(),
        })
    }

    pub(crate) fn pseudonymiser(&self, domain: &str) -> Pseudonymiser {
        // A shorter key than a block is the same as the key with zeros after it; given as a block it is never refused.
        let mut block = Zeroizing::new([0u8; 64]);
        block.iter_mut().zip(self.bytes.iter()).for_each(|(into, byte)| *into = *byte);
        let mut state = Hmac::<Sha256>::new(&(*block).into());
        state.update(domain.as_bytes());
        state.update(&[0x1f]);
        Pseudonymiser { state }
    }

    /// A key for hashing rows, bound to its purpose.
    pub(crate) fn row_key(&self, purpose: &[&str]) -> RowHasher {
        let master = self.derive("virta 2026 row hashes");
        let mut hasher = blake3::Hasher::new_keyed(master.as_bytes());
        for part in purpose {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut bytes = Zeroizing::new([0u8; 16]);
        bytes.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(into, byte)| *into = *byte);
        RowHasher { key: SipKey::new(&bytes) }
    }

    /// What decides how counts are rounded in whatever leaves, the same in every store of the project.
    pub fn rounding_secret(&self) -> [u8; 32] {
        *self.derive("virta 2026 rounding of counts").as_bytes()
    }

    /// What seals the entries of a store's log of use.
    pub fn log_key(&self) -> [u8; 32] {
        *self.derive("virta 2026 log of use").as_bytes()
    }

    /// What machines that work together prove to each other.
    pub fn secret_of_machines(&self) -> [u8; 32] {
        *self.derive("virta 2026 machines that work together").as_bytes()
    }

    fn derive(&self, context: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(self.bytes.as_slice());
        hasher.finalize()
    }
}

/// 128 bits of HMAC-SHA-256(key, domain ‖ 0x1f ‖ pseudonym).
#[derive(Clone)]
pub(crate) struct Pseudonymiser {
    state: Hmac<Sha256>,
}

impl Pseudonymiser {
    pub(crate) fn mac(&self, pseudonym: &[u8]) -> u128 {
        let mut state = self.state.clone();
        state.update(pseudonym);
        let mac = state.finalize().into_bytes();
        mac.iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
    }
}

/// The person of a pseudonym: its first 63 bits.
pub(crate) fn client_of(mac: u128) -> ClientId {
    ClientId((mac >> 65) as i64)
}

/// Keyed hashes of rows.
#[derive(Clone)]
pub(crate) struct RowHasher {
    key: SipKey,
}

impl Drop for RowHasher {
    fn drop(&mut self) {
        self.key.wipe();
    }
}

impl RowHasher {
    /// A hash of 63 bits.
    #[inline]
    pub(crate) fn hash(&self, bytes: &[u8]) -> i64 {
        (self.key.hash(bytes) >> 1) as i64
    }

    /// A hash of 128 bits.
    pub(crate) fn wide_hash(&self, bytes: &[u8]) -> u128 {
        self.key.wide_hash(bytes)
    }
}

/// The first 63 bits of a hash.
pub(crate) fn first_63_bits(hash: &blake3::Hash) -> i64 {
    let number = hash.as_bytes().iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
    (number >> 1) as i64
}

fn parse_hex(digits: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = Zeroizing::new([0u8; 32]);
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            *byte = (*byte << 4) | char::from(*digit).to_digit(16)? as u8;
        }
    }
    Some(bytes)
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

#[cfg(unix)]
fn open_to_others(file: &File, path: &Path) -> Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata().at("inspect", path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &File, _: &Path) -> Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_the_hmac_of_domain_separator_and_text() {
        // Worked out with another implementation of HMAC-SHA-256.
        let mac = ProjectKey::from_bytes([7; 32]).pseudonymiser("regional").mac(b"A1");
        assert_eq!(mac, 0x17db42237a22f06d8dde12c183ac9193);
        assert_eq!(client_of(mac), ClientId(859520201456187446));
    }

    #[test]
    fn hashes_are_bound_to_their_purpose_and_key() {
        let key = ProjectKey::from_bytes([7; 32]);
        let hash = |key: &ProjectKey, purpose: &[&str]| key.row_key(purpose).hash(b"row");
        assert_eq!(hash(&key, &["a", "b"]), hash(&key, &["a", "b"]));
        assert_ne!(hash(&key, &["a", "b"]), hash(&key, &["ab"]));
        assert_ne!(hash(&key, &["a"]), hash(&ProjectKey::from_bytes([8; 32]), &["a"]));
    }
}
