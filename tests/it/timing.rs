//! Does the time of an answer tell who has an account? Asked of the sign-in, the forgotten password and the link by
//! mail, by turns, with the statistics printed. What counts is not whether means differ but how often a guesser would
//! be right.

use std::time::{Duration, Instant};

use support::{Browser, TestIdp};

/// How long a form takes.
async fn timed(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Duration {
    let began = Instant::now();
    browser.post(path, fields).await;
    began.elapsed()
}

/// How often the slower of two answers is the known one's: one half if nothing can be told.
fn told(known: &[Duration], unknown: &[Duration]) -> f64 {
    let pairs = known.iter().flat_map(|k| unknown.iter().map(move |u| k.cmp(u)));
    let wins = pairs.map(|order| match order {
        std::cmp::Ordering::Greater => 2_u32,
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Less => 0,
    });
    let all = u32::try_from(known.len() * unknown.len()).unwrap();
    f64::from(wins.sum::<u32>()) / f64::from(2 * all)
}

/// Welch's t: how far the means are apart, measured by how much the answers scatter.
fn welch(known: &[Duration], unknown: &[Duration]) -> f64 {
    let moments = |all: &[Duration]| {
        let count = f64::from(u32::try_from(all.len()).unwrap());
        let mean = all.iter().map(Duration::as_secs_f64).sum::<f64>() / count;
        let variance = all.iter().map(|d| (d.as_secs_f64() - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let ((k, vk), (u, vu)) = (moments(known), moments(unknown));
    (k - u) / (vk + vu).sqrt()
}

fn median(of: &mut [Duration]) -> Duration {
    of.sort_unstable();
    of[of.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_an_answer_does_not_tell_who_exists() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    let samples = support::rounds(60, 2_000);
    for (path, more) in [("/login", Some(("password", "a wrong password"))), ("/forgot", None), ("/login/email", None)]
    {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for n in 0..samples {
            // Each of both kinds from the same state: one mailbox gets three mails an hour, one name five guesses.
            idp.pass(24 * 3600 + 60);
            let nobody = format!("{}-acme", 5000 + n);
            let mut both = [("201-acme", &mut known), (nobody.as_str(), &mut unknown)];
            both.rotate_left(n % 2); // what the first of two pays for the other is not what is asked
            for (name, times) in both {
                let mut fields = vec![("csrf", csrf.as_str()), ("identifier", name)];
                fields.extend(more);
                times.push(timed(&browser, path, &fields).await);
            }
        }
        let (share, t) = (told(&known, &unknown), welch(&known, &unknown));
        let (k, u) = (median(&mut known), median(&mut unknown));
        println!(
            "{path}: known {k:?}, unknown {u:?} (medians of {samples}), Welch's t {t:.2}; the slower one is known in {share:.2} of pairs"
        );
        assert!((0.1..=0.9).contains(&share), "{path}: {share:.2}: a guesser would nearly always be right");
    }
}
