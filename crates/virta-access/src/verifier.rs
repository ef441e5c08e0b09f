//! What stands in the file in place of a password: enough to check one, never to give one back.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// How often a password is hashed: what one guess costs.
const ITERATIONS: u32 = 16_384;
/// More than this in a file would let a login take seconds.
const ITERATIONS_MAX: u32 = 1_000_000;
const SALT_BYTES: usize = 16;
const LENGTH_MIN: usize = 12;
const LENGTH_MAX: usize = 256;

/// The verifier of a password by SCRAM-SHA-256 (RFC 5802 and 7677).
///
/// Its text is `scram-sha-256:ITERATIONS:SALT:STORED_KEY:SERVER_KEY`, the last three in hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    iterations: u32,
    salt: [u8; SALT_BYTES],
    stored_key: [u8; 32],
    server_key: [u8; 32],
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

impl Verifier {
    /// Makes the verifier of a new password, under a salt of its own.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a password of fewer than 12 or more than 256 characters, or with characters other than those
    /// of ASCII and the letters `À` to `ÿ`: clients write others in several ways.
    pub fn of(password: &str) -> Result<Self> {
        let length = password.chars().count();
        if !(LENGTH_MIN..=LENGTH_MAX).contains(&length) {
            return Err(Error::Unfit(format!("a password has {LENGTH_MIN} to {LENGTH_MAX} characters")));
        }
        // SASLprep, which clients apply, leaves these as they are.
        let is_plain = |c: char| matches!(c, ' '..='~' | 'À'..='ÿ');
        if !password.chars().all(is_plain) {
            return Err(Error::Unfit(
                "a password has letters, digits and signs of ASCII, and letters as ä and ö".into(),
            ));
        }
        let salt = random().map_err(|_| Error::Unfit("the system gives no random numbers".to_owned()))?;
        Ok(Self::with(password, salt, ITERATIONS))
    }

    fn with(password: &str, salt: [u8; SALT_BYTES], iterations: u32) -> Self {
        let salted = salted(password.as_bytes(), &salt, iterations);
        let client_key = mac(salted.as_slice(), &[b"Client Key"]);
        let stored_key = Sha256::digest(client_key).into();
        Verifier { iterations, salt, stored_key, server_key: mac(salted.as_slice(), &[b"Server Key"]) }
    }

    /// A verifier that no password fits and that looks like another: the same for the same name as long as the secret is
    /// the same, so that asking twice tells nothing.
    pub(crate) fn decoy(name: &str, secret: &[u8; 32]) -> Self {
        let part = |what: &[u8]| mac(secret, &[what, name.as_bytes()]);
        let mut salt = [0; SALT_BYTES];
        salt.iter_mut().zip(part(b"salt:")).for_each(|(into, byte)| *into = byte);
        Verifier { iterations: ITERATIONS, salt, stored_key: part(b"stored:"), server_key: part(b"server:") }
    }

    /// Whether a password is the one. It takes as long for a wrong one as for the right one.
    pub fn fits(&self, password: &str) -> bool {
        let tried = Self::with(password, self.salt, self.iterations);
        tried.stored_key.ct_eq(&self.stored_key).into()
    }

    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// SHA-256 of the client's key.
    pub fn stored_key(&self) -> &[u8] {
        &self.stored_key
    }

    /// With it the server proves that it knows the verifier.
    pub fn server_key(&self) -> &[u8] {
        &self.server_key
    }

    /// The verifier of a text, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        if parts.next() != Some("scram-sha-256") {
            return None;
        }
        let iterations = parts.next()?.parse().ok().filter(|count| (4096..=ITERATIONS_MAX).contains(count))?;
        let verifier = Verifier {
            iterations,
            salt: from_hex(parts.next()?)?,
            stored_key: from_hex(parts.next()?)?,
            server_key: from_hex(parts.next()?)?,
        };
        parts.next().is_none().then_some(verifier)
    }

    /// The text that [`parse`](Self::parse) reads.
    pub fn text(&self) -> String {
        let Verifier { iterations, salt, stored_key, server_key } = self;
        format!("scram-sha-256:{iterations}:{}:{}:{}", to_hex(salt), to_hex(stored_key), to_hex(server_key))
    }
}

/// `Hi` of RFC 5802: PBKDF2 with HMAC-SHA-256 and one block.
fn salted(password: &[u8], salt: &[u8], iterations: u32) -> Zeroizing<[u8; 32]> {
    let keyed = keyed(password);
    let of = |parts: &[&[u8]]| -> [u8; 32] {
        let mut state = keyed.clone();
        parts.iter().for_each(|part| state.update(part));
        state.finalize().into_bytes().into()
    };
    let mut last = of(&[salt, &1u32.to_be_bytes()]);
    let mut sum = Zeroizing::new(last);
    for _ in 1..iterations {
        last = of(&[&last]);
        sum.iter_mut().zip(last).for_each(|(into, byte)| *into ^= byte);
    }
    sum
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    // A key longer than a block stands for its hash, a shorter one for itself with zeros after it: given as a block it is
    // never refused.
    let mut block = Zeroizing::new([0u8; 64]);
    match key.len() > block.len() {
        true => block.iter_mut().zip(Sha256::digest(key)).for_each(|(into, byte)| *into = byte),
        false => block.iter_mut().zip(key).for_each(|(into, byte)| *into = *byte),
    }
    Hmac::<Sha256>::new(&(*block).into())
}

/// HMAC-SHA-256 of some parts, one after the other.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut state = keyed(key);
    parts.iter().for_each(|part| state.update(part));
    state.finalize().into_bytes().into()
}

/// Bytes that nobody can guess.
///
/// # Errors
/// When the system's source of random numbers cannot be read.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (into, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *into = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_example_in_rfc_7677() {
        // user, pencil: salt W22ZaJ0SNY7soEsUEjb6gQ==, 4096 iterations. The proof and the signature there follow from
        // these keys.
        let salt = from_hex("5b6d99689d12358eeca04b141236fa81").unwrap();
        let verifier = Verifier::with("pencil", salt, 4096);
        let messages = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
                        r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
                        c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let signature = mac(&verifier.server_key, &[messages.as_bytes()]);
        // v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=
        assert_eq!(to_hex(&signature), "eabae24d1062db75a9451ff0b6ea7e98c8546549ff741e672d3251b2397de46e");
    }

    #[test]
    fn a_verifier_fits_its_password_alone_and_survives_the_file() {
        let verifier = Verifier::of("salasana ja äyriäinen").unwrap();
        let read = Verifier::parse(&verifier.text()).unwrap();
        assert_eq!(read, verifier);
        assert!(read.fits("salasana ja äyriäinen") && !read.fits("salasana ja äyriäiset"));
        assert_ne!(Verifier::of("salasana ja äyriäinen").unwrap(), verifier, "each has a salt of its own");
    }

    #[test]
    fn decoys_are_alike_for_a_name_and_differ_between_names() {
        let decoy = Verifier::decoy("nobody", &[1; 32]);
        assert_eq!(decoy, Verifier::decoy("nobody", &[1; 32]));
        assert_ne!(decoy.salt(), Verifier::decoy("somebody", &[1; 32]).salt());
        assert!(!decoy.fits("a long password"));
    }

    #[test]
    fn unfit_passwords_are_refused_without_being_repeated() {
        for password in ["short", "tab\tin the middle", "with a no-break\u{a0}space", &"x".repeat(257)] {
            let error = Verifier::of(password).unwrap_err().to_string();
            assert!(!error.contains(password), "{error}");
        }
    }

    #[test]
    fn what_is_no_verifier_is_none() {
        let good = Verifier::of("a long password").unwrap().text();
        for bad in ["", "md5:1", &good.replace(":16384:", ":1:"), &good.replace("scram", "SCRAM"), &format!("{good}:")]
        {
            assert_eq!(Verifier::parse(bad), None, "{bad}");
        }
        assert_eq!(Verifier::parse(good.get(1..).unwrap()), None);
    }
}
