//! A certificate of a test's own, and the files that a server reads it from.

use std::path::PathBuf;

use idp_server::serve::tls::Tls;
use tempfile::TempDir;

/// The certificate, for `localhost`, and its key.
#[derive(Debug)]
pub struct SelfSigned {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
    /// The certificate as whoever trusts it takes it.
    pub pem: String,
    /// The same, DER.
    pub der: Vec<u8>,
    _folder: TempDir,
}

impl SelfSigned {
    /// A new one.
    pub fn make() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (certificate, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        std::fs::write(&certificate, made.cert.pem()).expect("its file");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("its file");
        Self { certificate, key, pem: made.cert.pem(), der: made.cert.der().to_vec(), _folder: folder }
    }

    /// A client that trusts it and nobody else, and follows no redirect.
    pub fn trusting(&self) -> reqwest::Client {
        let trusted = reqwest::Certificate::from_pem(self.pem.as_bytes()).expect("a certificate");
        reqwest::Client::builder()
            .tls_built_in_root_certs(false)
            .add_root_certificate(trusted)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client")
    }

    /// What a listener serves with it.
    pub fn tls(&self) -> Option<Tls> {
        Some(Tls::new(&self.certificate, &self.key).expect("they belong together"))
    }
}
