//! Handing mails to the mail server. TLS is enforced: without it, or with a certificate that isn't good, nothing is
//! sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use idp_core::secret::Secret;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::Url;

/// One step of the conversation takes no longer.
const STEP: Duration = Duration::from_secs(10);

/// All of it takes no longer, however it is stretched: less than the time after which the outbox gives the mail to
/// another worker.
const DEADLINE: Duration = Duration::from_secs(25);

/// Mails that a trial keeps.
const KEPT: usize = 200;

/// A mail on its way out.
#[derive(Clone, Debug)]
pub struct Sending {
    /// To whom; one address.
    pub to: String,
    /// The name that the address shows.
    pub sender: String,
    /// The address it comes from, if not the configured one.
    pub from: Option<String>,
    /// Its id, for the header of that name: the same at each try.
    pub id: String,
    /// The subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// There is no such mailbox, for good.
    #[error("refused: {0}")]
    Refused(String),
    /// The server refuses this mail for good, for what it is or for whom it comes from: the address may be right.
    #[error("rejected: {0}")]
    Rejected(String),
    /// Not now.
    #[error("not taken: {0}")]
    Later(String),
    /// There is no mail server.
    #[error("no mail server is configured; set mail.url and mail.from")]
    Off,
}

/// Why the mail server can't be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum PostSetupError {
    /// Not an address of a mail server.
    #[error("use smtp://USER:PASSWORD@HOST (STARTTLS) or smtps://USER:PASSWORD@HOST (TLS)")]
    Url,
    /// Plain SMTP to another machine.
    #[error("plain SMTP is for this machine only; use smtp:// (STARTTLS) or smtps:// (TLS)")]
    Plain,
    /// Not a sender.
    #[error("use an address, or a name and an address: Switchboard <no-reply@example.com>")]
    From,
    /// TLS can't be set up.
    #[error("TLS can't be set up: {0}")]
    Tls(String),
}

/// How mails leave.
#[derive(Clone, Debug)]
pub enum Post {
    /// Not at all.
    Off,
    /// By a mail server.
    Smtp(Smtp),
    /// Into a box that a trial shows.
    Box(Arc<Captured>),
}

/// The mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// What a trial would have sent, the newest first.
#[derive(Debug, Default)]
pub struct Captured(Mutex<VecDeque<Sending>>);

impl Captured {
    fn put(&self, mail: Sending) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_front(mail);
        all.truncate(KEPT);
    }

    /// All of them.
    pub fn all(&self) -> Vec<Sending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Smtp {
    /// A mail server: `smtps://` speaks TLS from the start, `smtp://` has to by STARTTLS. `smtp+plain://` is for this
    /// machine only.
    ///
    /// # Errors
    /// If the address or the sender can't be used.
    pub fn new(address: &Secret<String>, from: &str, authorities: &[Vec<u8>]) -> Result<Self, PostSetupError> {
        let url = Url::parse(address.expose()).map_err(|_cause| PostSetupError::Url)?;
        let host = url.host_str().filter(|h| !h.is_empty()).ok_or(PostSetupError::Url)?.to_owned();
        let from = from.parse().map_err(|_cause| PostSetupError::From)?;
        let (tls, port) = match url.scheme() {
            "smtps" => (Tls::Wrapper(parameters(&host, authorities)?), 465),
            "smtp" => (Tls::Required(parameters(&host, authorities)?), 587),
            "smtp+plain" if is_here(&host) => (Tls::None, 25),
            "smtp+plain" => return Err(PostSetupError::Plain),
            _ => return Err(PostSetupError::Url),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(url.port().unwrap_or(port))
            .tls(tls)
            .timeout(Some(STEP))
            .pool_config(PoolConfig::new().max_size(4).idle_timeout(Duration::from_mins(1)));
        if let (user, Some(password)) = (url.username(), url.password()) {
            let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
            builder = builder.credentials((decode(user), decode(password)).into());
        }
        Ok(Self { transport: builder.build(), from })
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback())
}

fn parameters(host: &str, authorities: &[Vec<u8>]) -> Result<TlsParameters, PostSetupError> {
    let failed = |e: lettre::transport::smtp::Error| PostSetupError::Tls(e.to_string());
    let mut builder = TlsParameters::builder(host.to_owned());
    for pem in authorities {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(failed)?);
    }
    builder.build_rustls().map_err(failed)
}

impl Post {
    /// Is there a way out?
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Hands a mail over.
    ///
    /// # Errors
    /// If it was not taken.
    pub async fn send(&self, mail: Sending) -> Result<String, PostError> {
        match self {
            Self::Off => Err(PostError::Off),
            Self::Box(captured) => {
                captured.put(mail);
                Ok("kept for the trial".to_owned())
            }
            Self::Smtp(smtp) => smtp.send(&mail).await,
        }
    }
}

/// Says that no person waits for an answer (RFC 3834 section 5).
const AUTO: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

impl Smtp {
    /// A company's own sender that the server won't take, or that isn't one, is the operator's to mend; the mail goes
    /// out from the configured one meanwhile.
    async fn send(&self, mail: &Sending) -> Result<String, PostError> {
        let late = |_late| Err(PostError::Later("the mail server took too long".to_owned()));
        tokio::time::timeout(DEADLINE, self.send_as_it_may(mail)).await.unwrap_or_else(late)
    }

    async fn send_as_it_may(&self, mail: &Sending) -> Result<String, PostError> {
        let sent = self.send_as(mail).await;
        match (&sent, &mail.from) {
            (Err(PostError::Refused(_) | PostError::Rejected(_)), Some(from)) => {
                let again = self.send_as(&Sending { from: None, ..mail.clone() }).await;
                if again.is_ok() {
                    tracing::warn!(
                        event = "sender_refused",
                        from,
                        "the mail server takes no mail from this sender; check the policy `mail.from`"
                    );
                }
                again
            }
            _ => sent,
        }
    }

    async fn send_as(&self, mail: &Sending) -> Result<String, PostError> {
        let refused = |e: &dyn std::fmt::Display| PostError::Refused(e.to_string());
        let to: Mailbox = mail.to.parse().map_err(|e| refused(&e))?;
        let own = mail
            .from
            .as_ref()
            .map(|own| own.parse::<Address>().map_err(|e| PostError::Rejected(e.to_string())))
            .transpose()?;
        let from = Mailbox::new(Some(mail.sender.clone()), own.unwrap_or_else(|| self.from.email.clone()));
        let host = self.from.email.domain();
        let message = Message::builder()
            .from(from)
            .to(to)
            .subject(&mail.subject)
            .message_id(Some(format!("<{}@{host}>", mail.id)))
            .raw_header(HeaderValue::new(AUTO, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|e| refused(&e))?;
        match self.transport.send(message).await {
            Ok(answer) => Ok(answer.message().collect::<Vec<_>>().join(" ")),
            // A name or a password that the server refuses is for the operator to mend, not the fault of this mail.
            Err(error) if error.is_permanent() && !is_login(&error) => Err(if is_about_mailbox(&error) {
                PostError::Refused(error.to_string())
            } else {
                PostError::Rejected(error.to_string())
            }),
            Err(error) => Err(PostError::Later(error.to_string())),
        }
    }
}

/// Is the mailbox what is wrong? The enhanced status says it (RFC 3463 sections 3.2 and 3.3): 5.1.1, 5.1.2, 5.1.3,
/// 5.1.6,
/// 5.1.10 (RFC 7505) or 5.2.1. A bare reply may be about the sender or about the mail.
fn is_about_mailbox(error: &lettre::transport::smtp::Error) -> bool {
    const MAILBOX: [&str; 6] = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"];
    error.to_string().split([' ', ':', '(', ')']).any(|word| MAILBOX.contains(&word))
}

/// 530, 534, 535, 538: about us, not about the mail (RFC 4954 section 6).
fn is_login(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| matches!(code.to_string().as_str(), "530" | "534" | "535" | "538"))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::task::JoinSet;

    use super::*;

    fn setup(address: &str, from: &str) -> Result<Smtp, PostSetupError> {
        Smtp::new(&Secret::new(address.to_owned()), from, &[])
    }

    fn mail() -> Sending {
        Sending {
            to: "a@example.com".into(),
            sender: "S".into(),
            from: None,
            id: "1".into(),
            subject: "s".into(),
            text: "t".into(),
            html: "h".into(),
        }
    }

    #[tokio::test]
    async fn tls_is_enforced_and_mistakes_say_what_is_right() {
        let from = "Switchboard <no-reply@example.com>";
        assert!(setup("smtp://user:p%40ss@mail.example.com", from).is_ok());
        assert!(setup("smtps://mail.example.com:465", "no-reply@example.com").is_ok());
        assert!(setup("smtp+plain://127.0.0.1:1025", from).is_ok());
        assert!(matches!(setup("smtp+plain://mail.example.com", from), Err(PostSetupError::Plain)));
        assert!(matches!(setup("mail.example.com:587", from), Err(PostSetupError::Url)));
        assert!(matches!(setup("smtp://mail.example.com", "nobody"), Err(PostSetupError::From)));
    }

    async fn talk(stream: tokio::net::TcpStream, pause: Duration, answer: fn(&str) -> &'static str) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 hello\r\n").await.unwrap();
        let mut is_text = false;
        while let Ok(Some(line)) = lines.next_line().await {
            if is_text && line != "." {
                continue;
            }
            is_text = line == "DATA";
            tokio::time::sleep(pause).await;
            if write.write_all(answer(&line).as_bytes()).await.is_err() {
                break;
            }
        }
    }

    /// A mail server that answers each line as told, after a while.
    async fn server(pause: Duration, answer: fn(&str) -> &'static str) -> (Smtp, JoinSet<()>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(talk(stream, pause, answer));
            }
        });
        (setup(&format!("smtp+plain://127.0.0.1:{port}"), "no-reply@example.com").unwrap(), tasks)
    }

    fn takes(line: &str) -> &'static str {
        if line == "DATA" { "354 go on\r\n" } else { "250 ok\r\n" }
    }

    /// No step is too long, all of them together are.
    #[tokio::test(start_paused = true)]
    async fn a_server_that_stretches_every_step_is_left() {
        let (smtp, _tasks) = server(Duration::from_secs(9), takes).await;
        let began = tokio::time::Instant::now();
        let later = smtp.send(&mail()).await;
        assert_eq!(later, Err(PostError::Later("the mail server took too long".to_owned())));
        assert_eq!(began.elapsed().as_secs(), DEADLINE.as_secs());
    }

    #[tokio::test]
    async fn a_sender_that_is_refused_is_not_the_mailboxes_fault() {
        let own = |from: &str| Sending { from: Some(from.to_owned()), ..mail() };
        let (smtp, _tasks) = server(Duration::ZERO, |line| {
            if line.starts_with("MAIL FROM:<own@") { "550 5.7.1 not yours\r\n" } else { takes(line) }
        })
        .await;
        assert!(smtp.send(&own("own@acme.example")).await.is_ok(), "it goes out from the configured sender");
        assert!(smtp.send(&own("not an address")).await.is_ok());
        let (smtp, _tasks) = server(Duration::ZERO, |line| {
            if line.starts_with("MAIL FROM") { "550 5.1.8 bad sender\r\n" } else { takes(line) }
        })
        .await;
        assert!(matches!(smtp.send(&own("own@acme.example")).await, Err(PostError::Rejected(_))));
        let (smtp, _tasks) = server(Duration::ZERO, |line| {
            if line.starts_with("RCPT") { "550 5.1.1 no such mailbox\r\n" } else { takes(line) }
        })
        .await;
        assert!(matches!(smtp.send(&own("own@acme.example")).await, Err(PostError::Refused(_))));
    }

    #[tokio::test]
    async fn without_a_server_nothing_is_sent_and_a_trial_keeps_it() {
        let mail = mail();
        assert_eq!(Post::Off.send(mail.clone()).await, Err(PostError::Off));
        let kept = Arc::new(Captured::default());
        Post::Box(Arc::clone(&kept)).send(mail).await.unwrap();
        assert_eq!(kept.all().len(), 1);
    }
}
