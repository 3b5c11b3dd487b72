//! What only test builds have: guards that can be switched off, to see that the tests notice, and delays directly
//! before and after a conditional statement, inside its transaction. In every other build a guard is its condition, and
//! a statement is itself.

/// A condition that decides who is first. `IDP_TESTING_OFF` names those that a test build lets pass.
#[cfg(not(feature = "testing"))]
macro_rules! guard {
    ($name:literal, $condition:expr) => {
        $condition
    };
}

#[cfg(feature = "testing")]
macro_rules! guard {
    ($name:literal, $condition:expr) => {
        $condition.or(diesel::IntoSql::into_sql::<diesel::sql_types::Bool>($crate::durable::testing::is_off($name)))
    };
}

pub(crate) use guard;

/// Runs a conditional statement.
#[cfg(not(feature = "testing"))]
pub(crate) fn around<T>(statement: impl FnOnce() -> T) -> T {
    statement()
}

/// Runs a conditional statement, with the delay of `IDP_TESTING_DELAY_MS` before and after it.
#[cfg(feature = "testing")]
pub(crate) fn around<T>(statement: impl FnOnce() -> T) -> T {
    delay();
    let result = statement();
    delay();
    result
}

#[cfg(feature = "testing")]
#[expect(clippy::disallowed_methods, reason = "it is the very purpose")]
fn delay() {
    use std::sync::OnceLock;
    use std::time::Duration;
    static DELAY: OnceLock<Duration> = OnceLock::new();
    let delay = *DELAY.get_or_init(|| {
        let set = std::env::var("IDP_TESTING_DELAY_MS").ok().and_then(|ms| ms.parse().ok());
        Duration::from_millis(set.unwrap_or(0))
    });
    if !delay.is_zero() {
        std::thread::sleep(delay);
    }
}

/// Is this guard switched off?
#[cfg(not(feature = "testing"))]
pub(crate) fn is_off(_guard: &str) -> bool {
    false
}

/// Is this guard switched off?
#[cfg(feature = "testing")]
pub(crate) fn is_off(guard: &str) -> bool {
    use std::sync::OnceLock;
    static OFF: OnceLock<Vec<String>> = OnceLock::new();
    let off = OFF.get_or_init(|| {
        let set = std::env::var("IDP_TESTING_OFF").unwrap_or_default();
        set.split(',').map(|name| name.trim().to_owned()).collect()
    });
    off.iter().any(|name| name == guard)
}

/// Has a statement that is prepared once the text that the first of its type had?
#[cfg(all(feature = "testing", debug_assertions))]
pub(crate) fn is_same<DB, Q>(statement: &Q, backend: &DB) -> bool
where
    DB: diesel::backend::Backend<QueryBuilder: Default> + 'static,
    Q: diesel::query_builder::QueryFragment<DB> + 'static,
{
    use std::any::TypeId;
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex, PoisonError};

    use diesel::query_builder::QueryBuilder;
    static TEXTS: LazyLock<Mutex<HashMap<(TypeId, TypeId), String>>> = LazyLock::new(Mutex::default);
    let mut built = DB::QueryBuilder::default();
    if statement.to_sql(&mut built, backend).is_err() {
        return false;
    }
    let text = built.finish();
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    *texts.entry((TypeId::of::<DB>(), TypeId::of::<Q>())).or_insert_with(|| text.clone()) == text
}

/// Has it? Debug builds of the tests look; a bench would measure the look.
#[cfg(not(all(feature = "testing", debug_assertions)))]
pub(crate) fn is_same<DB, Q>(_statement: &Q, _backend: &DB) -> bool {
    true
}

/// A commit is through. Where `IDP_TESTING_ABORT` names a file that is there, the process ends before anybody hears of
/// it; as many bytes as the file has, so many commits may pass first.
#[cfg(feature = "testing")]
pub(crate) fn committed() {
    use std::ffi::OsString;
    use std::sync::OnceLock;
    static FILE: OnceLock<Option<OsString>> = OnceLock::new();
    let Some(file) = FILE.get_or_init(|| std::env::var_os("IDP_TESTING_ABORT")) else { return };
    match std::fs::read(file).as_deref() {
        Ok([]) => {
            std::fs::remove_file(file).ok();
            std::process::abort();
        }
        Ok([_, rest @ ..]) => std::fs::write(file, rest).unwrap_or_default(),
        Err(_none) => {}
    }
}

/// A commit is through.
#[cfg(not(feature = "testing"))]
pub(crate) fn committed() {}

/// How many pages a SQLite file may have, by `IDP_TESTING_PAGES`: a disk that is full.
#[cfg(feature = "testing")]
pub(crate) fn pages() -> Option<u32> {
    std::env::var("IDP_TESTING_PAGES").ok()?.parse().ok()
}

/// How many pages a SQLite file may have: as many as fit.
#[cfg(not(feature = "testing"))]
pub(crate) fn pages() -> Option<u32> {
    None
}

#[cfg(all(test, feature = "testing", debug_assertions))]
mod tests {
    use diesel::ExpressionMethods;
    use diesel::query_builder::QueryFragment;
    use diesel::sqlite::{Sqlite, SqliteQueryBuilder};

    use crate::durable::conn::update;
    use crate::durable::schema::families;

    #[test]
    fn a_statement_whose_text_depends_on_its_values_is_not_prepared_once() {
        let is_built = |generation: Option<i64>| {
            let set = (families::retried.eq(true), generation.map(|n| families::generation.eq(n)));
            let statement = update(families::table, set, families::revoked_at.is_null());
            statement.to_sql(&mut SqliteQueryBuilder::new(), &Sqlite).is_ok()
        };
        assert_eq!([Some(1), Some(2), None].map(is_built), [true, true, false]);
    }
}
