//! TLS at our own listener, for those without a proxy in front. A renewed certificate is taken up without a restart.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_mins(1);

/// The certificate and how to shake hands with it.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    held: Arc<Held>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

#[derive(Debug)]
struct Held {
    certificate: PathBuf,
    key: PathBuf,
    now: RwLock<(Arc<CertifiedKey>, Option<SystemTime>)>,
}

impl ResolvesServerCert for Held {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner).0))
    }
}

fn read(certificate: &Path, key: &Path) -> anyhow::Result<Arc<CertifiedKey>> {
    let unreadable = |what: &str, file: &Path| format!("server.tls_{what}_file: {} can't be used", file.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| unreadable("certificate", certificate))?;
    let private = PrivateKeyDer::from_pem_file(key).with_context(|| unreadable("key", key))?;
    let certified = CertifiedKey::from_der(chain, private, &ring::default_provider());
    certified.map(Arc::new).with_context(|| unreadable("key", key))
}

fn changed_at(certificate: &Path, key: &Path) -> Option<SystemTime> {
    let at = |file: &Path| std::fs::metadata(file).and_then(|m| m.modified()).ok();
    at(certificate).max(at(key))
}

impl Tls {
    /// Reads a certificate chain and its key, both PEM.
    ///
    /// # Errors
    /// If they can't be read, or don't belong together.
    pub fn new(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let now = RwLock::new((read(certificate, key)?, changed_at(certificate, key)));
        let held = Arc::new(Held { certificate: certificate.to_owned(), key: key.to_owned(), now });
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Held>::clone(&held));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), held })
    }

    /// Shakes hands.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }

    /// Takes up a renewed certificate, until told to stop. A bad one is left alone: the old one may still be good.
    pub async fn keep_fresh(self, mut stop: watch::Receiver<bool>) {
        while tokio::time::timeout(LOOK, stop.changed()).await.is_err() {
            self.refresh();
        }
    }

    /// Looks at the files once.
    pub fn refresh(&self) {
        let held = &self.held;
        let (seen, changed) = (self.changed(), changed_at(&held.certificate, &held.key));
        if seen == changed {
            return;
        }
        match read(&held.certificate, &held.key) {
            Ok(fresh) => {
                *held.now.write().unwrap_or_else(PoisonError::into_inner) = (fresh, changed);
                tracing::info!(event = "certificate_renewed");
            }
            Err(error) => tracing::warn!(event = "certificate_refused", error = format!("{error:#}")),
        }
    }

    fn changed(&self) -> Option<SystemTime> {
        self.held.now.read().unwrap_or_else(PoisonError::into_inner).1
    }
}
