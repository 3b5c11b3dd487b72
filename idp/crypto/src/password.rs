//! Argon2id on a few threads of their own, each with one block of memory that it keeps. A bounded queue stands before
//! them: what doesn't fit is refused at once, so that a flood of sign-ins can neither eat the memory nor stall the
//! rest.
//!
//! A password that nobody has is hashed like any other, so that the time tells nothing.

mod share;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use data_encoding::BASE64_NOPAD;
use idp_core::secret::{Secret, same};
use tokio::sync::oneshot;

use crate::random::{NoRandomness, Random};
use crate::seal::MasterKey;

pub use share::Asker;
use share::{Place, Places};

const OUTPUT: usize = 32;
const SALT: usize = 16;

/// The dearest stored hash that is still computed: a row that was tampered with must not cost gigabytes.
const MOST_MEMORY_KIB: u32 = 64 * 1024;
const MOST_PASSES: u32 = 8;
const MOST_LANES: u32 = 4;

/// What hashing costs and how much of it may wait.
#[derive(Clone, Copy, Debug)]
pub struct HashSettings {
    /// Threads.
    pub workers: usize,
    /// Jobs that may wait; more are refused.
    pub queue: usize,
    /// Memory of a hash, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl HashSettings {
    /// 19 MiB and two passes, the least that OWASP's sheet on password storage names for Argon2id, on these threads;
    /// the queue holds about two seconds of work.
    pub fn recommended(workers: usize) -> Self {
        Self { workers, queue: workers * 100, memory_kib: 19_456, passes: 2 }
    }
}

/// Why no answer was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already; try again in a few seconds.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The workers are gone: the process is stopping.
    #[error("the hashing threads have stopped")]
    Stopped,
    /// The settings cost more than a stored hash may: nobody could sign in with what they make.
    #[error("a hash may cost at most {MOST_MEMORY_KIB} KiB and {MOST_PASSES} passes")]
    TooDear,
    /// The parameters or the stored text don't work.
    #[error("not a usable Argon2id hash or parameter")]
    Unusable,
}

/// What came out of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// It is the password.
    pub holds: bool,
    /// It was hashed with other parameters than today's and should be hashed anew.
    pub outdated: bool,
}

enum Job {
    Verify {
        password: Secret<String>,
        phc: Option<Secret<String>>,
        answer: oneshot::Sender<Result<Verdict, HashError>>,
        place: Place,
    },
    Hash {
        password: Secret<String>,
        salt: [u8; SALT],
        answer: oneshot::Sender<Result<Secret<String>, HashError>>,
        place: Place,
    },
}

/// The pool.
#[derive(Clone)]
pub struct Hasher {
    queue: flume::Sender<Job>,
    places: Arc<Places>,
    shared: Arc<Shared>,
}

struct Shared {
    settings: HashSettings,
    params: Params,
    pepper: Secret<Vec<u8>>,
    pepper_id: String,
    /// The secret of another master key, and its id.
    other: Option<(Secret<Vec<u8>>, Vec<u8>)>,
    dummy: Secret<String>,
    computed: AtomicU64,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("settings", &self.shared.settings).finish_non_exhaustive()
    }
}

impl Hasher {
    /// Starts the threads. The pepper comes from the master key, so that a stolen database alone can't be guessed at.
    ///
    /// # Errors
    /// If the settings are out of Argon2's range, or a thread can't be started.
    pub fn start(settings: HashSettings, master: &MasterKey) -> Result<Self, HashError> {
        Self::start_with(settings, master, None)
    }

    /// The same, with hashes under another master key readable: they count as outdated.
    ///
    /// # Errors
    /// If the settings are out of Argon2's range, or a thread can't be started.
    pub fn start_with(
        settings: HashSettings,
        master: &MasterKey,
        other: Option<&MasterKey>,
    ) -> Result<Self, HashError> {
        if settings.memory_kib > MOST_MEMORY_KIB || settings.passes > MOST_PASSES {
            return Err(HashError::TooDear);
        }
        let params =
            Params::new(settings.memory_kib, settings.passes, 1, Some(OUTPUT)).map_err(|_cause| HashError::Unusable)?;
        let pepper = crate::seal::pepper(master).map_err(|_cause| HashError::Unusable)?;
        let other = match other.map(crate::seal::pepper) {
            Some(Ok((pepper, id))) => Some((Secret::new(pepper.to_vec()), id.to_vec())),
            Some(Err(_cause)) => return Err(HashError::Unusable),
            None => None,
        };
        let mut shared = Shared {
            other,
            settings,
            params,
            pepper_id: BASE64_NOPAD.encode(pepper.1.as_slice()),
            pepper: Secret::new(pepper.0.to_vec()),
            dummy: Secret::new(String::new()),
            computed: AtomicU64::new(0),
        };
        let mut memory = vec![Block::default(); shared.params.block_count()];
        shared.dummy = shared.hash("no password is this one", &[0; SALT], &mut memory)?;
        let shared = Arc::new(shared);
        let places = Arc::new(Places::new(settings.queue));
        let (queue, jobs) = flume::bounded(places.room());
        for n in 0..settings.workers.max(1) {
            let (shared, jobs) = (Arc::clone(&shared), jobs.clone());
            std::thread::Builder::new()
                .name(format!("argon2-{n}"))
                .spawn(move || work(&shared, &jobs))
                .map_err(|_cause| HashError::Stopped)?;
        }
        Ok(Self { queue, places, shared })
    }

    fn submit(&self, job: Job) -> Result<(), HashError> {
        self.queue.try_send(job).map_err(|e| match e {
            flume::TrySendError::Full(_) => HashError::Busy,
            flume::TrySendError::Disconnected(_) => HashError::Stopped,
        })
    }

    /// Compares a password with a stored hash; with none, does the same work and says no.
    ///
    /// # Errors
    /// If too many wait already, or the stored text is no hash of ours.
    pub async fn verify(
        &self,
        asker: Asker,
        password: Secret<String>,
        phc: Option<Secret<String>>,
    ) -> Result<Verdict, HashError> {
        let place = self.places.take(asker).ok_or(HashError::Busy)?;
        let (answer, outcome) = oneshot::channel();
        self.submit(Job::Verify { password, phc, answer, place })?;
        outcome.await.map_err(|_gone| HashError::Stopped)?
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// If too many wait already.
    pub async fn hash(&self, password: Secret<String>, random: &Random) -> Result<Secret<String>, HashError> {
        let salt = random.bytes().map_err(|NoRandomness| HashError::Unusable)?;
        let place = self.places.take(Asker::Setting).ok_or(HashError::Busy)?;
        let (answer, outcome) = oneshot::channel();
        self.submit(Job::Hash { password, salt, answer, place })?;
        outcome.await.map_err(|_gone| HashError::Stopped)?
    }

    /// What a hash says that is under today's master key: for who counts the others.
    pub fn key_mark(&self) -> String {
        format!("keyid={}$", self.shared.pepper_id)
    }

    /// Hashes computed since the start.
    pub fn computed(&self) -> u64 {
        self.shared.computed.load(Ordering::Relaxed)
    }

    /// Jobs that wait now.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }
}

/// Makes this thread nicer by five: what takes a moment goes before what takes long, where both want the same core.
#[cfg(target_os = "linux")]
fn lower_priority() {
    use rustix::process::{getpriority_process, setpriority_process};
    // With no process named, Linux takes both for the calling thread. Where it may not be, all threads are alike.
    getpriority_process(None).and_then(|now| setpriority_process(None, (now + 5).min(19))).ok();
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

/// A worker's life: the memory is allocated once. A job whose asker is gone is skipped.
fn work(shared: &Shared, jobs: &flume::Receiver<Job>) {
    lower_priority();
    let mut memory = vec![Block::default(); shared.params.block_count()];
    while let Ok(job) = jobs.recv() {
        // An asker that left meanwhile needs no answer and no work.
        match job {
            Job::Verify { password, phc, answer, place } if !answer.is_closed() => {
                drop(place); // it doesn't wait any more
                answer.send(shared.verify(password.expose(), phc.as_ref(), &mut memory)).ok();
            }
            Job::Hash { password, salt, answer, place } if !answer.is_closed() => {
                drop(place);
                answer.send(shared.hash(password.expose(), &salt, &mut memory)).ok();
            }
            Job::Verify { .. } | Job::Hash { .. } => {}
        }
        memory.truncate(shared.params.block_count());
        memory.shrink_to_fit();
    }
}

impl Shared {
    fn compute(
        &self,
        (params, pepper): (&Params, &[u8]),
        password: &str,
        salt: &[u8],
        memory: &mut Vec<Block>,
    ) -> Result<[u8; OUTPUT], HashError> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        if memory.len() < params.block_count() {
            memory.resize(params.block_count(), Block::default());
        }
        let argon2 = Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params.clone())
            .map_err(|_cause| HashError::Unusable)?;
        let mut out = [0; OUTPUT];
        argon2
            .hash_password_into_with_memory(password.as_bytes(), salt, &mut out, memory.as_mut_slice())
            .map_err(|_cause| HashError::Unusable)?;
        Ok(out)
    }

    fn hash(&self, password: &str, salt: &[u8; SALT], memory: &mut Vec<Block>) -> Result<Secret<String>, HashError> {
        let out = self.compute((&self.params, self.pepper.expose()), password, salt, memory)?;
        Ok(Secret::new(format!(
            "$argon2id$v=19$m={},t={},p=1,keyid={}${}${}",
            self.settings.memory_kib,
            self.settings.passes,
            self.pepper_id,
            BASE64_NOPAD.encode(salt),
            BASE64_NOPAD.encode(&out)
        )))
    }

    fn verify(
        &self,
        password: &str,
        phc: Option<&Secret<String>>,
        memory: &mut Vec<Block>,
    ) -> Result<Verdict, HashError> {
        let known = phc.is_some();
        let stored = phc.unwrap_or(&self.dummy);
        let (params, salt, expected) = parse(stored.expose())?;
        let out = self.compute((&params, self.pepper_of(&params)), password, &salt, memory)?;
        let current = (params.m_cost(), params.t_cost(), params.keyid())
            == (self.params.m_cost(), self.params.t_cost(), self.key_id().as_slice());
        Ok(Verdict { holds: same(&out, &expected) && known, outdated: !current })
    }

    /// The secret that a hash was made under.
    fn pepper_of(&self, params: &Params) -> &[u8] {
        match &self.other {
            Some((pepper, id)) if params.keyid() == id.as_slice() => pepper.expose(),
            _ => self.pepper.expose(),
        }
    }

    fn key_id(&self) -> Vec<u8> {
        BASE64_NOPAD.decode(self.pepper_id.as_bytes()).unwrap_or_default()
    }
}

fn parse(phc: &str) -> Result<(Params, Vec<u8>, Vec<u8>), HashError> {
    let parsed = PasswordHash::new(phc).map_err(|_cause| HashError::Unusable)?;
    let params = Params::try_from(&parsed).map_err(|_cause| HashError::Unusable)?;
    let affordable =
        params.m_cost() <= MOST_MEMORY_KIB && params.t_cost() <= MOST_PASSES && params.p_cost() <= MOST_LANES;
    match (&parsed.salt, &parsed.hash) {
        (Some(salt), Some(hash))
            if affordable && parsed.algorithm.as_str() == "argon2id" && hash.as_bytes().len() == OUTPUT =>
        {
            Ok((params, salt.as_ref().to_vec(), hash.as_bytes().to_vec()))
        }
        _ => Err(HashError::Unusable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(queue: usize) -> Hasher {
        let settings = HashSettings { workers: 1, queue, memory_kib: 64, passes: 1 };
        Hasher::start(settings, &MasterKey::from_hex(&"a".repeat(64)).unwrap()).unwrap()
    }

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_under_the_other_master_key_holds_and_is_outdated() {
        let r = Random::System;
        let (old, new) = (MasterKey::generate(&r).unwrap(), MasterKey::generate(&r).unwrap());
        let settings = HashSettings { workers: 1, queue: 10, memory_kib: 64, passes: 1 };
        let word = || Secret::new("a password".to_owned());
        let phc = Hasher::start(settings, &old).unwrap().hash(word(), &r).await.unwrap();
        let both = Hasher::start_with(settings, &new, Some(&old)).unwrap();
        let verdict = both.verify(Asker::Known, word(), Some(phc.clone())).await.unwrap();
        assert!(verdict.holds && verdict.outdated);
        let alone = Hasher::start(settings, &new).unwrap();
        assert!(!alone.verify(Asker::Known, word(), Some(phc)).await.unwrap().holds);
    }

    #[tokio::test]
    async fn a_password_holds_against_its_own_hash_only() {
        let h = hasher(10);
        let stored = h.hash(secret("tulipano"), &Random::System).await.unwrap();
        assert_eq!(
            h.verify(Asker::Known, secret("tulipano"), Some(stored.clone())).await,
            Ok(Verdict { holds: true, outdated: false })
        );
        assert!(!h.verify(Asker::Known, secret("tulipana"), Some(stored)).await.unwrap().holds);
    }

    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody_and_never_holds() {
        let h = hasher(10);
        let before = h.computed();
        assert!(!h.verify(Asker::Known, secret("no password is this one"), None).await.unwrap().holds);
        assert_eq!(h.computed(), before + 1);
    }

    #[tokio::test]
    async fn another_pepper_makes_another_password() {
        let stored = hasher(10).hash(secret("tulipano"), &Random::System).await.unwrap();
        let settings = HashSettings { workers: 1, queue: 10, memory_kib: 64, passes: 1 };
        let other = Hasher::start(settings, &MasterKey::from_hex(&"b".repeat(64)).unwrap()).unwrap();
        assert_eq!(
            other.verify(Asker::Known, secret("tulipano"), Some(stored)).await,
            Ok(Verdict { holds: false, outdated: true })
        );
    }

    #[tokio::test]
    async fn a_tampered_row_can_not_cost_gigabytes() {
        let stored = hasher(10).hash(secret("tulipano"), &Random::System).await.unwrap();
        let dear = stored.expose().replace("m=64", "m=4194304");
        assert_eq!(
            hasher(10).verify(Asker::Known, secret("tulipano"), Some(Secret::new(dear))).await,
            Err(HashError::Unusable)
        );
    }

    #[tokio::test]
    async fn older_parameters_still_hold_and_are_told() {
        let old = hasher(10).hash(secret("tulipano"), &Random::System).await.unwrap();
        let settings = HashSettings { workers: 1, queue: 10, memory_kib: 128, passes: 1 };
        let new = Hasher::start(settings, &MasterKey::from_hex(&"a".repeat(64)).unwrap()).unwrap();
        assert_eq!(
            new.verify(Asker::Known, secret("tulipano"), Some(old)).await,
            Ok(Verdict { holds: true, outdated: true })
        );
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_at_once() {
        let settings = HashSettings { workers: 1, queue: 2, memory_kib: 19_456, passes: 2 };
        let h = Hasher::start(settings, &MasterKey::from_hex(&"a".repeat(64)).unwrap()).unwrap();
        let all: Vec<_> = (0..40)
            .map(|_| {
                let h = h.clone();
                async move { h.verify(Asker::Known, secret("x"), None).await }
            })
            .collect();
        let mut set = tokio::task::JoinSet::new();
        for one in all {
            set.spawn(one);
        }
        let answers = set.join_all().await;
        assert!(answers.contains(&Err(HashError::Busy)));
        assert!(answers.iter().any(Result::is_ok));
    }
}
