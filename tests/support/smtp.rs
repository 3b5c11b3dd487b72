//! A mail server that does what a test wants: takes mails, refuses them, or has no TLS to offer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What it answers to a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It takes everything.
    Takes,
    /// Not now (a greylist).
    Later,
    /// There is no such mailbox.
    Refuses,
    /// It takes the connection and says nothing.
    Silent,
}

/// The mail server.
#[derive(Debug)]
pub struct MailServer {
    /// Where it listens.
    pub port: u16,
    mood: Arc<Mutex<Mood>>,
    taken: Arc<Mutex<Vec<String>>>,
    greeted: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MailServer {
    /// One on a free port, in plain SMTP: it offers no STARTTLS.
    pub async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (mood, taken) = (Arc::new(Mutex::new(mood)), Arc::new(Mutex::new(Vec::new())));
        let (now, kept, mut tasks) = (Arc::clone(&mood), Arc::clone(&taken), JoinSet::new());
        let greeted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&greeted);
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                count.fetch_add(1, Ordering::Relaxed);
                let (now, kept) = (Arc::clone(&now), Arc::clone(&kept));
                open.spawn(async move { talk(stream, &now, &kept).await.unwrap_or_default() });
            }
        });
        Self { port, mood, taken, greeted, _tasks: tasks }
    }

    /// What a server is told of it.
    pub fn config(&self) -> String {
        format!("[mail]\nurl = \"smtp+plain://127.0.0.1:{}\"\nfrom = \"no-reply@switchboard.example\"\n", self.port)
    }

    /// Changes its mind.
    pub fn set(&self, mood: Mood) {
        *held(&self.mood) = mood;
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.greeted.load(Ordering::Relaxed)
    }

    /// The mails it has taken, as they came.
    pub fn taken(&self) -> Vec<String> {
        held(&self.taken).clone()
    }
}

async fn talk(stream: TcpStream, mood: &Mutex<Mood>, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    if *held(mood) == Mood::Silent {
        while lines.next_line().await?.is_some() {}
        return Ok(());
    }
    to.write_all(b"220 mail.test ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let mood = *held(mood);
        let answer = match (word.as_str(), mood) {
            ("EHLO" | "HELO", _) => "250 mail.test\r\n",
            ("RCPT", Mood::Later) => "451 4.7.1 Try again in a moment\r\n",
            ("RCPT", Mood::Refuses) => "550 5.1.1 No such mailbox\r\n",
            ("DATA", _) => {
                to.write_all(b"354 Go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|l| l != ".") {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                held(taken).push(mail);
                "250 2.0.0 Queued as 4711\r\n"
            }
            ("QUIT", _) => {
                to.write_all(b"221 Bye\r\n").await?;
                return Ok(());
            }
            _ => "250 OK\r\n",
        };
        to.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
