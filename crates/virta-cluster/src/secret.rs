//! The secret that machines share, and the encryption that follows from it.
//!
//! The secret is the seed of a private key (Ed25519). Every machine makes the same key and a certificate of it, shows the
//! certificate, and trusts that certificate alone. So who is connected to has the secret, who connects has it too, and
//! nobody in between can read or change anything (TLS with an ephemeral exchange of keys: what was recorded stays closed
//! even when the secret is lost later). There is no certificate to hand out and none that expires.

use std::fmt;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};
use zeroize::Zeroizing;

use crate::error::Error;

/// The name in the certificate, whatever a machine is called.
const NAME: &str = "virta.internal";
/// How a private Ed25519 key is written (PKCS #8, RFC 8410) before its 32 bytes.
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// Different bytes that 32 random ones have, with a chance of error below one in 10^15.
const DIFFERENT_MIN: usize = 16;

/// What all machines hold and nobody else.
#[derive(Clone)]
pub struct Secret {
    certificate: String,
    key: Zeroizing<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// The secret of 32 random bytes, the same on all machines.
    ///
    /// # Errors
    /// [`Error::WeakSecret`] for bytes that are not random, [`Error::Certificate`] when no key can be made of them.
    pub fn new(bytes: &[u8; 32]) -> Result<Self, Error> {
        let mut different = Zeroizing::new(bytes.to_vec());
        different.sort_unstable();
        different.dedup();
        if different.len() < DIFFERENT_MIN {
            return Err(Error::WeakSecret);
        }
        let mut hasher = blake3::Hasher::new_derive_key("virta cluster 2026 key of machines");
        hasher.update(bytes);
        let mut der = Zeroizing::new(PKCS8.to_vec());
        der.extend_from_slice(hasher.finalize().as_bytes());
        let unfit = |error: rcgen::Error| Error::Certificate(error.to_string());
        let key = KeyPair::try_from(&PrivatePkcs8KeyDer::from(der.as_slice())).map_err(unfit)?;
        let mut params = CertificateParams::new(vec![NAME.to_owned()]).map_err(unfit)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, NAME);
        let certificate = params.self_signed(&key).map_err(unfit)?;
        Ok(Secret { certificate: certificate.pem(), key: Zeroizing::new(key.serialize_pem()) })
    }

    pub(crate) fn of_server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new().identity(self.identity()).client_ca_root(Certificate::from_pem(&self.certificate))
    }

    pub(crate) fn of_client(&self) -> ClientTlsConfig {
        let trusted = Certificate::from_pem(&self.certificate);
        ClientTlsConfig::new().identity(self.identity()).ca_certificate(trusted).domain_name(NAME)
    }

    /// What trusts the machines but cannot prove to be one.
    #[cfg(test)]
    pub(crate) fn of_client_without_key(&self) -> ClientTlsConfig {
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&self.certificate)).domain_name(NAME)
    }

    fn identity(&self) -> Identity {
        Identity::from_pem(&self.certificate, self.key.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_gives_the_same_certificate_on_every_machine_and_another_gives_another() {
        let bytes: [u8; 32] = std::array::from_fn(|at| at as u8);
        let mut others = bytes;
        others[31] = 99;
        let (here, there) = (Secret::new(&bytes).unwrap(), Secret::new(&bytes).unwrap());
        assert_eq!(here.certificate, there.certificate);
        assert_ne!(here.certificate, Secret::new(&others).unwrap().certificate);
        assert_eq!(format!("{here:?}"), "Secret");
    }

    #[test]
    fn a_secret_that_is_not_random_is_refused() {
        for weak in [[0; 32], *b"abababababababababababababababab", *b"correct horse correct horse corr"] {
            assert!(matches!(Secret::new(&weak), Err(Error::WeakSecret)));
        }
    }
}
